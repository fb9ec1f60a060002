import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** A subscription over graphql-ws. */
export interface LiveSubscription<Data> {
  /** Resolves when the server has acknowledged the connection. */
  readonly connected: Promise<void>;
  /** The next event; rejects when the subscription ends or fails first. */
  next(): Promise<LiveEvent<Data>>;
  close(): Promise<void>;
}

export interface LiveEvent<Data> {
  readonly data: Data;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
}

export function subscribe<Data>(
  url: string,
  query: string,
  options: { token?: string; variables?: Record<string, unknown> } = {},
): LiveSubscription<Data> {
  const connection = createConnection(url, options.token);
  const events = connection.client.iterate({ query, variables: options.variables ?? {} });
  // Asked for before it is awaited, so that an event between two calls of next() is not missed.
  let upcoming = ask(events);
  return {
    connected: connection.acknowledged,
    async next() {
      const event = await upcoming;
      if (event.done) throw new Error('The subscription has ended.');
      upcoming = ask(events);
      return event.value as unknown as LiveEvent<Data>;
    },
    close: async () => {
      await connection.client.dispose();
    },
  };
}

function createConnection(url: string, token: string | undefined) {
  let acknowledge: (() => void) | undefined;
  const acknowledged = new Promise<void>((resolve) => {
    acknowledge = resolve;
  });
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: token === undefined ? {} : { authorization: `Bearer ${token}` },
    on: { connected: () => acknowledge?.() },
  });
  return { client, acknowledged };
}

function ask<T>(events: AsyncIterator<T>): Promise<IteratorResult<T>> {
  const answer = events.next();
  // A failure is thrown to whoever calls next(); until then it is nobody's.
  answer.catch(() => undefined);
  return answer;
}
