import { Pool } from 'undici';
import { createCircuit, stockPace, type CircuitPace, type CircuitState } from './circuit.ts';
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
 * A pool of kept-alive connections; undici's `request` costs a fraction of what fetch does.
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
  // The timer below covers the whole exchange, finer than undici's own timers, which tick once a second.
  const pool = new Pool(origin, { connections, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 });
  const path = pathname + search;

  async function exchange(body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    const answer = await pool.request({ method: 'POST', path, headers, body, signal });
    const text = await answer.body.text();
    if (isGraphQL(answer.statusCode, answer.headers['content-type'])) return text;
    const isOfRequest = answer.statusCode >= 400 && answer.statusCode < 500;
    const message = `The subgraph "${name}" answered ${answer.statusCode}.`;
    throw new SubgraphError('SUBGRAPH_BAD_ANSWER', message, { isOfRequest });
  }

  async function within(milliseconds: number, body: string, headers: Readonly<Record<string, string>>) {
    const deadline = new AbortController();
    const timer = setTimeout(() => {
      deadline.abort();
    }, milliseconds);
    try {
      return await exchange(body, headers, deadline.signal);
    } catch (error) {
      throw explain(error, name, deadline.signal.aborted ? milliseconds : undefined);
    } finally {
      clearTimeout(timer);
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
function isGraphQL(status: number, contentType: string | string[] | undefined): boolean {
  const type = String(contentType);
  return (
    type.startsWith('application/graphql-response+json') ||
    (type.startsWith('application/json') && status < 500)
  );
}

function explain(error: unknown, name: string, elapsedMs: number | undefined): SubgraphError {
  if (error instanceof SubgraphError) return error;
  return elapsedMs === undefined
    ? new SubgraphError('SUBGRAPH_UNAVAILABLE', `The subgraph "${name}" cannot be reached.`, { cause: error })
    : new SubgraphError('SUBGRAPH_TIMEOUT', `The subgraph "${name}" gave no answer within ${elapsedMs} ms.`, {
        cause: error,
      });
}
