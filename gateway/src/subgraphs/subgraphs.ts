import type { ServiceEndpointDefinition } from '@apollo/gateway';
import type { Logger } from '@lyceum/service';
import { subgraphUrl, type SubgraphAddresses } from './addresses.ts';
import type { CircuitObserver } from './circuit-metrics.ts';
import type { CircuitState } from './circuit.ts';
import type { FetchObserver } from './fetch-metrics.ts';
import { createFlights, type Flights } from './flights.ts';
import { createSubgraphClient, type SubgraphClient } from './subgraph-client.ts';
import { createSubgraph, type Subgraph } from './subgraph.ts';

/** The subgraphs that a supergraph names, connected; connections outlive a change of the supergraph. */
export interface Subgraphs {
  subgraph(definition: ServiceEndpointDefinition): Subgraph;
  /** Reads that are under way, of fetches and of whole operations: none is joined that began before a write ended. */
  readonly flights: Flights;
  /** The GraphQL URL of a subgraph that a supergraph named. */
  url(name: string): string;
  /** Whether each is asked, by its name. */
  readonly circuits: () => Readonly<Record<string, CircuitState>>;
  /** Asks every subgraph that never answered yet; resolves when all have. */
  untilAllAnswered(): Promise<void>;
  close(): Promise<void>;
}

export function createSubgraphs(options: {
  addresses: SubgraphAddresses;
  timeoutMs: number;
  observe: FetchObserver;
  observeCircuit: CircuitObserver;
  gatewaySecret: string | undefined;
  logger: Logger;
}): Subgraphs {
  const { addresses, timeoutMs, observe, observeCircuit, gatewaySecret, logger } = options;
  const flights = createFlights();
  const clients = new Map<string, SubgraphClient>();
  const answered = new WeakSet<SubgraphClient>();

  function clientOf(name: string, url: string): SubgraphClient {
    const known = clients.get(name);
    if (known?.url === url) return known;
    const onCircuit = (state: CircuitState) => {
      observeCircuit(name, state);
    };
    const client = createSubgraphClient({ name, url, timeoutMs, onCircuit });
    clients.set(name, client);
    return client;
  }

  async function ask(client: SubgraphClient): Promise<void> {
    if (answered.has(client)) return;
    await client.look();
    answered.add(client);
  }

  return {
    flights,
    subgraph({ name, url }) {
      const client = clientOf(name, subgraphUrl(name, url, addresses));
      return createSubgraph({ client, flights, observe, gatewaySecret, logger });
    },
    url: (name) => clients.get(name)?.url ?? '',
    circuits: () => Object.fromEntries([...clients.values()].map(({ name, circuit }) => [name, circuit])),
    async untilAllAnswered() {
      const asked = await Promise.allSettled([...clients.values()].map(ask));
      const reasons = asked.flatMap((result) =>
        result.status === 'rejected' ? [messageOf(result.reason)] : [],
      );
      if (reasons.length > 0) throw new Error(reasons.join(' '));
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
