import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Pool } from 'undici';
import { createBacklog } from '../src/drive/backlog.ts';
import { createGraph, GraphError } from '../src/drive/graph.ts';
import { createInTurn } from '../src/drive/in-turn.ts';
import { createPace } from '../src/drive/pace.ts';
import { createSession } from '../src/drive/sessions.ts';
import { createSlots } from '../src/drive/slots.ts';
import { createStatementSender } from '../src/drive/statement-sender.ts';
import { createTally } from '../src/report/tally.ts';

/** What the server does with the requests, one after another; the last entry goes for all that follow. */
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

const vanish: Behaviour = (request) => request.socket.destroy();
const answer =
  (status: number, body: unknown): Behaviour =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

const never = new AbortController().signal;
let pool: Pool;
let close: (() => Promise<unknown>) | undefined;

/** A server of the test's own that records what it was sent. */
async function serve(behaviours: readonly Behaviour[]): Promise<{ bodies: string[] }> {
  const bodies: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      (behaviours[bodies.length - 1] ?? behaviours.at(-1))!(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections: 4 });
  close = async () => {
    await pool.close();
    server.close();
  };
  return { bodies };
}

afterEach(async () => {
  await close?.();
  close = undefined;
});

describe('statements', () => {
  const sender = (tally = createTally()) => ({
    tally,
    send: (statements: string[]) =>
      createStatementSender({ pool, key: 'demo', secret: 'secret', tally, stop: never }).send(statements),
  });

  test('are sent again, the very same bytes, until the LRS is back', async () => {
    const { bodies } = await serve([vanish, answer(503, {}), vanish, answer(200, ['a', 'b'])]);
    const { send, tally } = sender();
    await send(['{"id":"a"}', '{"id":"b"}']);
    expect(bodies).toEqual(Array(4).fill('[{"id":"a"},{"id":"b"}]'));
    expect(tally.counts).toMatchObject({ statementsSent: 2, statementsAccepted: 2 });
    expect([...tally.retries().values()].reduce((sum, count) => sum + count)).toBe(3);
    expect(tally.errors().size).toBe(0);
  });

  test('that are refused are not sent again, and counted by the reason', async () => {
    const { bodies } = await serve([answer(400, 'verb: missing')]);
    const { send, tally } = sender();
    await send(['{}']);
    expect(bodies).toHaveLength(1);
    expect(tally.counts).toMatchObject({ statementsSent: 1, statementsAccepted: 0 });
    expect([...tally.errors().keys()]).toEqual([expect.stringContaining('HTTP 400')]);
  });

  test('that are alone go as one object, not as an array', async () => {
    const { bodies } = await serve([answer(200, ['a'])]);
    await sender().send(['{"id":"a"}']);
    expect(bodies).toEqual(['{"id":"a"}']);
  });
});

describe('the graph', () => {
  // UNAVAILABLE is what a subgraph says that can't get the keys of tokens.
  test.each(['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_TIMEOUT', 'UNAVAILABLE'])(
    'is asked again while it says %s, or vanishes',
    async (code) => {
      const away = { errors: [{ message: 'away', extensions: { code } }] };
      const { bodies } = await serve([answer(200, away), vanish, answer(200, { data: { viewer: null } })]);
      const graph = createGraph({ pool, path: '/graphql', tally: createTally(), stop: never });
      expect(await graph.request('query Self { viewer { id } }', {})).toEqual({ viewer: null });
      expect(bodies).toHaveLength(3);
    },
  );

  test('is not asked again when it has refused', async () => {
    const refusal = { data: { enrol: { userErrors: [{ message: 'not there', code: 'NOT_FOUND' }] } } };
    const { bodies } = await serve([answer(200, refusal)]);
    const graph = createGraph({ pool, path: '/graphql', tally: createTally(), stop: never });
    await expect(graph.request('mutation Enrol { enrol { id } }', {})).rejects.toThrow(
      new GraphError('Enrol: not there', ['NOT_FOUND']),
    );
    expect(bodies).toHaveLength(1);
  });
});

describe('a session', () => {
  test('that ends is renewed once for all who ask: a refresh token that is sent twice counts as stolen', async () => {
    let issued = 0;
    const operations: string[] = [];
    const graph = {
      async request<T>(operation: string): Promise<T> {
        operations.push(/mutation (\w+)/.exec(operation)![1]!);
        await new Promise((resolve) => setImmediate(resolve));
        issued += 1;
        const expiresAt = new Date(Date.now() + (issued === 1 ? 1_000 : 600_000)).toISOString();
        const tokens = { accessToken: `access-${issued}`, refreshToken: `refresh-${issued}`, expiresAt };
        return { sessionCreate: { tokens }, sessionRefresh: { tokens } } as T;
      },
    };
    const session = createSession(graph, 'learner@lyceum.example', 'secret');
    const ask = () => Promise.all([session.accessToken(), session.accessToken(), session.accessToken()]);
    expect(await ask()).toEqual(Array(3).fill('access-1'));
    expect(await ask()).toEqual(Array(3).fill('access-2'));
    expect(await ask()).toEqual(Array(3).fill('access-2'));
    expect(operations).toEqual(['LogIn', 'Refresh']);
  });
});

describe('the pace', () => {
  test('lets as many through as the rate and the time allow, and no more', async () => {
    const pace = createPace({ rate: 1_000, minutes: 0.3 / 60, signal: new AbortController().signal });
    let total = 0;
    for (let due = await pace.due(); due > 0; due = await pace.due()) total += due;
    expect(total).toBe(300);
    expect(pace.elapsedShare()).toBe(1);
  });

  test('ends when it is aborted', async () => {
    const stop = new AbortController();
    const pace = createPace({ rate: 10, minutes: 1, signal: stop.signal });
    stop.abort();
    expect(await pace.due()).toBe(0);
  });
});

describe('slots', () => {
  test('hold back what would be too much at a time', async () => {
    const slots = createSlots(3);
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    for (let index = 0; index < 20; index += 1) await slots.start(work);
    await slots.idle();
    expect({ most, running }).toEqual({ most: 3, running: 0 });
  });
});

describe('work in turn', () => {
  test('goes one after another for one learner, side by side for two, and on after a failure', async () => {
    const inTurn = createInTurn<number>();
    const events: string[] = [];
    const step =
      (name: string, fails = false) =>
      async () => {
        events.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        events.push(`${name} ends`);
        if (fails) throw new Error(name);
      };
    await Promise.allSettled([inTurn(1, step('a', true)), inTurn(1, step('b')), inTurn(2, step('c'))]);
    expect(events.indexOf('b begins')).toBeGreaterThan(events.indexOf('a ends'));
    expect(events.indexOf('c begins')).toBeLessThan(events.indexOf('a ends'));
  });
});

test('a backlog holds up nobody, and forgets what has not begun when it is to finish', async () => {
  const backlog = createBacklog(2);
  let done = 0;
  for (let index = 0; index < 10; index += 1) {
    backlog.add(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done += 1;
    });
  }
  expect(done).toBe(0);
  await backlog.finish();
  expect(done).toBe(2);
});
