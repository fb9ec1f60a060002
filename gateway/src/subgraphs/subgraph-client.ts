import { Pool } from 'undici';
import { createCircuit, stockPace, type CircuitPace, type CircuitState } from './circuit.ts';
import { DeadlineError, exchange, type Incoming } from './exchange.ts';
import { SubgraphError } from './subgraph-error.ts';

/** The connections to one subgraph. */
export interface SubgraphClient {
  readonly name: string;
  readonly url: string;
  readonly circuit: CircuitState;
  /**
   * POSTs a GraphQL request and answers the text of its GraphQL response. Whoever reads it must say what it was.
   *
   * @throws SubgraphError when there was no answer in time, or one that is not GraphQL; at once while the subgraph is down.
   */
  post(body: string, headers: Readonly<Record<string, string>>): Promise<string>;
  /** Whether an answer was GraphQL. */
  read(wasGraphQL: boolean): void;
  /**
   * Asks the subgraph how it is, also while it is taken for down.
   *
   * @throws SubgraphError when it does not answer.
   */
  look(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A pool of kept-alive connections; an exchange costs a fraction of what fetch does.
 *
 * @param options.timeoutMs from the request's start to the last byte of its answer.
 */
export function createSubgraphClient(options: {
  name: string;
  url: string;
  timeoutMs: number;
  connections?: number;
  pace?: CircuitPace;
  onCircuit?: (state: CircuitState) => void;
}): SubgraphClient {
  const { name, url, timeoutMs, connections = 128, pace = stockPace, onCircuit = () => undefined } = options;
  const { origin, pathname, search } = new URL(url);
  // The timer of an exchange covers the whole exchange, finer than undici's own timers, which tick once a second.
  const pool = new Pool(origin, { connections, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 });
  const path = pathname + search;

  async function within(milliseconds: number, body: string, headers: Readonly<Record<string, string>>) {
    try {
      return graphQLOf(await exchange(pool, { path, headers, body }, milliseconds), name);
    } catch (error) {
      throw explain(error, name, milliseconds);
    }
  }

  const lookMs = Math.min(timeoutMs, longestLookMs);
  const look = async () => {
    const text = await within(lookMs, '{"query":"{__typename}"}', { 'content-type': 'application/json' });
    if (!text.trimStart().startsWith('{'))
      throw new SubgraphError('SUBGRAPH_BAD_ANSWER', `The subgraph "${name}" did not answer with GraphQL.`);
  };
  /** One that refuses whoever shows no token is well, too. */
  const isUp = () =>
    look().catch((error: unknown) => {
      if (!(error instanceof SubgraphError && error.isOfRequest)) throw error;
    });
  const circuit = createCircuit({ name, look: isUp, pace, onChange: onCircuit });
  onCircuit('closed');

  return {
    name,
    url,
    get circuit() {
      return circuit.state;
    },
    async post(body, headers) {
      circuit.admit();
      try {
        return await within(timeoutMs, body, headers);
      } catch (error) {
        if (error instanceof SubgraphError && error.isOfRequest) circuit.succeeded();
        else circuit.failed();
        throw error;
      }
    },
    read(wasGraphQL) {
      if (wasGraphQL) circuit.succeeded();
      else circuit.failed();
    },
    look,
    async close() {
      circuit.stop();
      await pool.destroy();
    },
  };
}

/** One that is well answers what it is called in no time. */
const longestLookMs = 2_000;

/** GraphQL over HTTP: a JSON body with status 200 is an answer; the GraphQL media type makes any status one. */
function isGraphQL({ status, contentType }: Incoming): boolean {
  return (
    contentType.startsWith('application/graphql-response+json') ||
    (contentType.startsWith('application/json') && status < 500)
  );
}

function graphQLOf(answer: Incoming, name: string): string {
  if (isGraphQL(answer)) return answer.text;
  const { status } = answer;
  const message = `The subgraph "${name}" answered ${status}.`;
  throw new SubgraphError('SUBGRAPH_BAD_ANSWER', message, { isOfRequest: status >= 400 && status < 500 });
}

function explain(error: unknown, name: string, milliseconds: number): SubgraphError {
  if (error instanceof SubgraphError) return error;
  const [code, what] =
    error instanceof DeadlineError
      ? (['SUBGRAPH_TIMEOUT', `gave no answer within ${milliseconds} ms`] as const)
      : (['SUBGRAPH_UNAVAILABLE', 'cannot be reached'] as const);
  return new SubgraphError(code, `The subgraph "${name}" ${what}.`, { cause: error });
}
