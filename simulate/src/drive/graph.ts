import type { Pool } from 'undici';
import { StoppedError, UnavailableError, withRetry } from './retry.ts';
import type { Tally } from '../report/tally.ts';

/** The public graph, over a pool of kept connections. */
export interface Graph {
  /**
   * Runs one operation as the bearer of the token.
   *
   * @throws GraphError where the graph answers with errors, or a mutation with userErrors
   * @throws StoppedError when the run is to end
   */
  request<T>(operation: string, variables: Record<string, unknown>, accessToken?: string): Promise<T>;
}

/** The graph refused: the codes of its errors or userErrors, and their words. */
export class GraphError extends Error {
  override name = 'GraphError';
  readonly codes: readonly string[];

  constructor(message: string, codes: readonly string[]) {
    super(message);
    this.codes = codes;
  }
}

/** Codes that say nothing of the request, only of a service that is away or was cut off while it answered. */
const passing = [
  'UNAVAILABLE',
  'SUBGRAPH_UNAVAILABLE',
  'SUBGRAPH_TIMEOUT',
  'SUBGRAPH_BAD_ANSWER',
  'INTERNAL_SERVER_ERROR',
];
const patienceMs = 60_000;

/**
 * @param options.path of the graph on the pool's origin
 * @param options.stop aborted when the run is to end: from then on nothing is asked
 */
export function createGraph(options: { pool: Pool; path: string; tally: Tally; stop: AbortSignal }): Graph {
  const { pool, path, tally, stop } = options;

  async function send<T>(body: string, name: string, authorization: Record<string, string>): Promise<T> {
    const began = performance.now();
    const response = await pool.request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body,
    });
    const answer = await readAnswer<T>(response);
    tally.latency('graph', performance.now() - began);
    refuseErrors(name, answer);
    return answer.data as T;
  }

  return {
    async request(operation, variables, accessToken) {
      if (stop.aborted) throw new StoppedError();
      const name = /\w+ (\w+)/.exec(operation)?.[1] ?? 'operation';
      const body = JSON.stringify({ query: operation, variables });
      const authorization: Record<string, string> =
        accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
      const onRetry = (reason: string) => {
        tally.retry(reason);
      };
      return withRetry(() => send(body, name, authorization), { patienceMs, onRetry, stop });
    },
  };
}

interface GraphAnswer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

async function readAnswer<T>(response: Awaited<ReturnType<Pool['request']>>): Promise<GraphAnswer<T>> {
  const text = await response.body.text();
  if (response.statusCode >= 500 || response.statusCode === 429) {
    throw new UnavailableError(`HTTP ${response.statusCode}`);
  }
  return JSON.parse(text) as GraphAnswer<T>;
}

function refuseErrors(name: string, { data, errors = [] }: GraphAnswer<unknown>): void {
  const codes = errors.map(({ extensions }) => extensions?.code ?? 'UNKNOWN');
  const away = codes.find((code) => passing.includes(code));
  if (away !== undefined) throw new UnavailableError(away);
  const payloads = Object.values(data ?? {}) as ({
    userErrors?: { message: string; code: string }[];
  } | null)[];
  const userErrors = payloads.flatMap((payload) => payload?.userErrors ?? []);
  if (codes.length + userErrors.length === 0) return;
  const words = [...errors, ...userErrors].map(({ message }) => message).join('; ');
  throw new GraphError(`${name}: ${words}`, [...codes, ...userErrors.map(({ code }) => code)]);
}
