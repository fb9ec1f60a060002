import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { domainEvent, parseDomainEvent, type EventData, type EventLog } from '@lyceum/events';
import { createForwardingCredentials, developmentKeyEncryptionSecret, newId } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import type { ForwardingSetup } from '../../src/store/statement-forwardings.ts';
import { secret } from './xapi-client.ts';

export type Progress = EventData['statement-forwarding.progressed'];

/** Records, as the LRS sees it: what it wants forwarded, and what it is told. */
export interface Forwarder {
  readonly told: readonly Progress[];
  /** Wants statements forwarded, or, with the id of what was wanted before, otherwise. */
  forward(wanted: Partial<Omit<ForwardingSetup, 'filter'>> & WantedTarget): Promise<string>;
  delete(id: string): Promise<void>;
  /** What was told last, once `condition` holds for it. */
  until(id: string, condition: (progress: Progress) => boolean, timeoutMs?: number): Promise<Progress>;
  refusals(id: string): Progress['refusals'];
  stop(): void;
}

export interface WantedTarget {
  readonly endpoint: string;
  /** In the clear. */
  readonly password?: string;
  readonly filter?: Partial<ForwardingSetup['filter']>;
}

const everything = {
  verbs: [],
  activities: [],
  agents: [],
  registrations: [],
  relatedActivities: false,
  relatedAgents: false,
};

export async function createForwarder(log: EventLog): Promise<Forwarder> {
  const credentials = await createForwardingCredentials(developmentKeyEncryptionSecret);
  const told: Progress[] = [];
  const stopping = new AbortController();
  const tail = log.tail({ topic: 'lrs.events', from: 'now', signal: stopping.signal });
  await tail.ready;
  const reading = (async () => {
    for await (const record of tail) {
      const event = parseDomainEvent(record);
      if (event?.type === 'statement-forwarding.progressed') told.push(event.data);
    }
  })();
  reading.catch(() => undefined);
  return {
    told,
    async forward({ password = secret, filter, ...more }) {
      const id = more.id ?? newId('forwarding');
      const organisationId = more.organisationId ?? 'org_a';
      const forwarding = {
        ...{
          id,
          organisationId,
          revision: 1,
          enabled: true,
          version: '1.0.3',
          key: 'key1',
          attachments: false,
        },
        since: new Date(0).toISOString(),
        secret: credentials.seal({ id, organisationId, endpoint: more.endpoint }, password),
        ...more,
        filter: { ...everything, ...filter },
      };
      await log.append([
        domainEvent({
          type: 'statement-forwarding.updated',
          subject: id,
          organisation: organisationId,
          data: { forwarding },
        }),
      ]);
      return id;
    },
    async delete(id) {
      const data = { forwardingId: id, organisationId: 'org_a' };
      await log.append([
        domainEvent({ type: 'statement-forwarding.deleted', subject: id, organisation: 'org_a', data }),
      ]);
    },
    until: (id, condition, timeoutMs = 30_000) =>
      eventually(
        () => {
          const last = told.findLast(({ forwardingId }) => forwardingId === id);
          if (last && condition(last)) return last;
          throw new Error(`told of ${id}: ${JSON.stringify(last)}`);
        },
        { timeoutMs },
      ),
    refusals: (id) =>
      told.filter(({ forwardingId }) => forwardingId === id).flatMap(({ refusals }) => refusals),
    stop() {
      stopping.abort();
    },
  };
}

/** Something that should be a store, and answers as it is told to. */
export interface OddStore {
  readonly endpoint: string;
  /** The requests with statements that came, each with its ids, and the headers. */
  readonly requests: { ids: string[]; text: string; headers: IncomingMessage['headers']; at: number }[];
  /** Ids that it has taken, in the order that they came. */
  readonly taken: string[];
  /** What it does with a request; it takes the statements where that answers undefined. */
  behave(how: (ids: readonly string[], response: ServerResponse) => OddAnswer | 'nothing' | undefined): void;
  stop(): Promise<void>;
}

export interface OddAnswer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly text?: string;
}

export async function startOddStore(): Promise<OddStore> {
  const requests: OddStore['requests'] = [];
  const taken: string[] = [];
  let how: Parameters<OddStore['behave']>[0] = () => undefined;
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url?.endsWith('/about')) {
        response.end('{"version":["1.0.3"]}');
        return;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const ids = (JSON.parse(text) as { id: string }[]).map(({ id }) => id);
      requests.push({ ids, text, headers: request.headers, at: Date.now() });
      const answer = how(ids, response);
      if (answer === 'nothing') return;
      if (answer === undefined) taken.push(...ids);
      response.writeHead(answer?.status ?? 200, answer?.headers);
      response.end(answer?.text ?? '[]');
    })().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/xapi`,
    requests,
    taken,
    behave(next) {
      how = next;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
