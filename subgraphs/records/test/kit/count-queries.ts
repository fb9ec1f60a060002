import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

const channel = 'http.client.request.start';

/** Counts what this process asks the ClickHouse at `url` from now on, until the count is asked for. */
export function countQueries(url: string): () => number {
  const { host } = new URL(url);
  let queries = 0;
  const count = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    if (request.getHeader('host') === host) queries += 1;
  };
  subscribe(channel, count);
  return () => {
    unsubscribe(channel, count);
    return queries;
  };
}
