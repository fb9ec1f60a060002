import { eventually } from './eventually.ts';

/** One event of a stream of server-sent events. */
export interface StreamEvent {
  readonly event: string;
  readonly data: { readonly id?: string; readonly payload?: unknown } & Record<string, unknown>;
}

/** An event stream in single connection mode, spoken by hand. */
export function singleStream(url: string, authorization?: string) {
  const leave = new AbortController();
  const events: StreamEvent[] = [];
  let ended = false;

  const ask = (
    method: string,
    options: { token?: string; search?: string; body?: unknown } & Headers = {},
  ) => {
    const { token, search = '', body, headers = {} } = options;
    return fetch(url + search, {
      method,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(token === undefined ? {} : { 'x-graphql-event-stream-token': token }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: leave.signal,
    });
  };

  async function read(response: Response): Promise<void> {
    let text = '';
    try {
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString();
        const framed = text.split('\n\n');
        text = framed.pop() ?? '';
        events.push(...framed.filter((each) => !each.startsWith(':')).map(parsed));
      }
    } catch {
      // Whoever leaves has no more to read.
    }
    ended = true;
  }

  return {
    events,
    ask,
    ended: () => ended,
    reserve: async () => (await ask('PUT')).text(),
    async open(token: string): Promise<Response> {
      const response = await ask('GET', { token, headers: { accept: 'text/event-stream' } });
      void read(response);
      return response;
    },
    run: (token: string, operationId: string, query: string, headers: Record<string, string> = {}) =>
      ask('POST', { token, headers, body: { query, extensions: { operationId } } }),
    stop: (token: string, operationId: string) =>
      ask('DELETE', { token, search: `?operationId=${operationId}` }),
    async event(event: string, id: string): Promise<StreamEvent> {
      const find = () => events.find((each) => each.event === event && each.data.id === id);
      await eventually(`${event} of ${id}`, () => find() !== undefined, 5_000);
      return find()!;
    },
    leave: () => {
      leave.abort();
    },
  };
}

interface Headers {
  readonly headers?: Record<string, string>;
}

function parsed(frame: string): StreamEvent {
  const fields = new Map(
    frame.split('\n').map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]),
  );
  return {
    event: fields.get('event') ?? '',
    data: JSON.parse(fields.get('data') ?? '{}') as StreamEvent['data'],
  };
}
