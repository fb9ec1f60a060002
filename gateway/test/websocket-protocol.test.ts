import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createEndedSessions } from '../src/access/ended-sessions.ts';
import { eventually } from './kit/eventually.ts';
import { startGateway, testVerifier, type TestGateway } from './kit/gateway.ts';
import { initialised, openSocket, subscribe, type RawSocket } from './kit/raw-socket.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

/**
 * The protocol of https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md, paragraph by paragraph, without a
 * client library.
 */
let school: School;
let gateway: TestGateway;
const subscription = 'subscription { progressUpdated { percent } }';

beforeAll(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all, { liveLimits: { initialisationMs: 200 } });
});

afterAll(async () => {
  await gateway.stop();
  await school.stop();
});

afterEach(() => eventually('no subscription is left at the subgraph', () => school.progress.live() === 0));

const isLive = (count = 1) =>
  eventually(`${count} at the subgraph`, () => school.progress.live() === count, 5_000);

/** Both see it closed. */
async function leave(raw: RawSocket) {
  raw.socket.close(1000);
  expect((await raw.closed).code).toBe(1000);
}

describe('the subprotocol', () => {
  test.each([
    ['none', []],
    ['an unknown one', ['something-else']],
    ['the deprecated one', ['graphql-ws']],
  ])('%s is closed with 4406', async (_name, protocols) => {
    const raw = await openSocket(gateway.url, protocols);
    expect(await raw.closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
  });

  test('is graphql-transport-ws, wherever it stands among those that are offered', async () => {
    const raw = await openSocket(gateway.url, ['something-else', 'graphql-transport-ws']);
    expect(raw.socket.protocol).toBe('graphql-transport-ws');
    await leave(raw);
  });
});

describe('an initialisation', () => {
  test('that does not come is closed with 4408', async () => {
    const raw = await openSocket(gateway.url);
    expect(await raw.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  });

  test('is acknowledged, and the socket outlives the time for it', async () => {
    const raw = await initialised(gateway.url);
    const late = await openSocket(gateway.url);
    expect((await late.closed).code).toBe(4408);
    expect(raw.messages).toEqual([{ type: 'connection_ack' }]);
    await leave(raw);
  });

  test('with a token is told until when that is good', async () => {
    const raw = await initialised(gateway.url, { token: 'ada' });
    expect(raw.messages).toEqual([
      { type: 'connection_ack', payload: { expiresAt: expect.stringMatching(/^\d{4}-.*Z$/) } },
    ]);
    await leave(raw);
  });

  test('that comes twice is closed with 4429', async () => {
    const raw = await initialised(gateway.url);
    raw.send({ type: 'connection_init' });
    expect(await raw.closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' });
  });

  test('that comes again while the first is being decided is closed with 4429', async () => {
    const held = holdingVerifier();
    const slow = await startGateway(school.all, { verifier: held.verifier });
    const raw = await openSocket(slow.url);
    raw.send({ type: 'connection_init', payload: { token: 'ada' } });
    raw.send({ type: 'connection_init', payload: { token: 'ada' } });
    expect((await raw.closed).code).toBe(4429);
    held.release();
    await slow.stop();
  });

  test('that is refused is closed with 4403', async () => {
    const raw = await openSocket(gateway.url);
    raw.send({ type: 'connection_init', payload: { token: 'forged' } });
    expect(await raw.closed).toEqual({ code: 4403, reason: 'The access token is not valid.' });
  });

  test('that nobody can decide now is closed with 1013', async () => {
    const verifier = { verify: () => Promise.reject(new Error('no keys')) };
    const without = await startGateway(school.all, { verifier });
    const raw = await openSocket(without.url);
    raw.send({ type: 'connection_init', payload: { token: 'ada' } });
    expect((await raw.closed).code).toBe(1013);
    await without.stop();
  });

  test('over which the gateway breaks is closed with 4500, and nothing of the fault is told', async () => {
    const endedSessions = {
      ...createEndedSessions(),
      has: () => {
        throw new Error('select * from secrets failed');
      },
    };
    const broken = await startGateway(school.all, { endedSessions });
    const raw = await openSocket(broken.url);
    raw.send({ type: 'connection_init', payload: { token: 'ada' } });
    expect(await raw.closed).toEqual({ code: 4500, reason: 'Internal server error' });
    await broken.stop();
  });
});

describe('a ping', () => {
  test.each([
    ['before the initialisation', async () => openSocket(gateway.url)],
    ['after it', async () => initialised(gateway.url)],
  ])('%s is answered', async (_name, open) => {
    const raw = await open();
    raw.send({ type: 'ping' });
    expect(await raw.message('pong')).toEqual({ type: 'pong' });
    await leave(raw);
  });

  test('is answered with its payload', async () => {
    const raw = await openSocket(gateway.url);
    raw.send({ type: 'ping', payload: { at: 1 } });
    expect(await raw.message('pong')).toEqual({ type: 'pong', payload: { at: 1 } });
    await leave(raw);
  });

  test('of WebSocket itself is answered with its payload', async () => {
    const raw = await openSocket(gateway.url);
    const pong = new Promise<string>((resolve) => {
      raw.socket.once('pong', (payload: Buffer) => {
        resolve(payload.toString());
      });
    });
    raw.socket.ping('here');
    expect(await pong).toBe('here');
    await leave(raw);
  });

  test('that comes a hundred times is answered each time', async () => {
    const raw = await initialised(gateway.url);
    for (let at = 0; at < 100; at += 1) raw.send({ type: 'ping', payload: { at } });
    await eventually('all pongs', () => raw.messages.length === 101);
    expect(raw.messages.slice(1).map(({ payload }) => (payload as { at: number }).at)).toEqual(
      Array.from({ length: 100 }, (_, at) => at),
    );
    await leave(raw);
  });
});

test('a pong that nobody asked for is taken', async () => {
  const raw = await initialised(gateway.url);
  raw.send({ type: 'pong', payload: { still: 'here' } });
  raw.send({ type: 'ping' });
  await raw.message('pong');
  await leave(raw);
});

describe('an operation', () => {
  test.each([
    ['before the initialisation', undefined],
    ['while it is being decided', { token: 'ada' }],
  ])('%s is closed with 4401', async (_name, payload) => {
    const held = holdingVerifier();
    const slow = await startGateway(school.all, { verifier: held.verifier });
    const raw = await openSocket(slow.url);
    if (payload) raw.send({ type: 'connection_init', payload });
    raw.send(subscribe('1', '{ whoami }'));
    expect(await raw.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
    held.release();
    await slow.stop();
  });

  test('with a single result has one next and a complete', async () => {
    const raw = await initialised(gateway.url, { token: 'ada' });
    raw.send(subscribe('1', '{ whoami }'));
    await raw.message('complete');
    expect(raw.messages.slice(1)).toEqual([
      { id: '1', type: 'next', payload: { data: { whoami: 'Bearer ada' } } },
      { id: '1', type: 'complete' },
    ]);
    await leave(raw);
  });

  test('that is refused has an error, and no complete', async () => {
    const raw = await initialised(gateway.url);
    raw.send(subscribe('1', 'subscription { nonsense }'));
    const { payload } = await raw.message('error', '1');
    expect(payload).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    raw.send({ type: 'ping' });
    await raw.message('pong');
    expect(raw.messages.map(({ type }) => type)).toEqual(['connection_ack', 'error', 'pong']);
    await leave(raw);
  });

  test('interleaves with others', async () => {
    const raw = await initialised(gateway.url);
    raw.send(subscribe('one', subscription));
    raw.send(subscribe('other', 'subscription { progressUpdated { id } }'));
    await isLive(2);
    school.events.publish(progressOf('ada', 'algebra', 1));
    await Promise.all([raw.message('next', 'one'), raw.message('next', 'other')]);
    await leave(raw);
  });

  test.each(['__proto__', 'constructor', '1'.repeat(2_000)])('may be called %s', async (id) => {
    const raw = await initialised(gateway.url);
    raw.send(subscribe(id, '{ whoami }'));
    expect((await raw.message('complete', id)).id).toBe(id);
    await leave(raw);
  });

  test.each([
    ['a subscription', subscription],
    ['a query', '{ people { nodes { name } } }'],
  ])('with the id of %s that runs is closed with 4409, and all that ran is ended', async (_name, query) => {
    const release = school.people.hold();
    const raw = await initialised(gateway.url);
    raw.send(subscribe('same', query));
    raw.send(subscribe('same', '{ whoami }'));
    expect(await raw.closed).toEqual({ code: 4409, reason: 'Subscriber for same already exists' });
    release();
  });

  test('with a long id that runs is closed with 4409 all the same', async () => {
    const raw = await initialised(gateway.url);
    const id = 'ä'.repeat(200);
    raw.send(subscribe(id, subscription));
    raw.send(subscribe(id, subscription));
    const { code, reason } = await raw.closed;
    expect(code).toBe(4409);
    expect(reason).toMatch(/^Subscriber for ä+$/);
  });

  test('that is stopped frees its id, although the first has not ended yet', async () => {
    const raw = await initialised(gateway.url);
    const release = school.people.hold();
    raw.send(subscribe('again', '{ person(id: "ada") { name } }'));
    raw.send({ id: 'again', type: 'complete' });
    raw.send(subscribe('again', '{ courses { id } }'));
    await raw.message('complete', 'again');
    release();
    raw.send(subscribe('last', '{ person(id: "ben") { name } }'));
    await raw.message('complete', 'last');
    expect(raw.messages.filter(({ id, type }) => id === 'again' && type === 'next')).toEqual([
      { id: 'again', type: 'next', payload: { data: { courses: [{ id: 'algebra' }, { id: 'botany' }] } } },
    ]);
    await leave(raw);
  });

  test('whose id was taken again keeps its own place when the first ends late', async () => {
    const raw = await initialised(gateway.url);
    const release = school.people.hold();
    raw.send(subscribe('again', '{ person(id: "ada") { name } }'));
    raw.send({ id: 'again', type: 'complete' });
    raw.send(subscribe('again', subscription));
    await isLive();
    release();
    raw.send(subscribe('between', '{ person(id: "ben") { name } }'));
    await raw.message('complete', 'between');
    raw.send(subscribe('again', subscription));
    expect((await raw.closed).code).toBe(4409);
  });
});

describe('a complete', () => {
  test('ends the subscription, although no event ever came', async () => {
    const raw = await initialised(gateway.url);
    raw.send(subscribe('1', subscription));
    await isLive();
    raw.send({ id: '1', type: 'complete' });
    await isLive(0);
    expect(raw.messages).toHaveLength(1);
    await leave(raw);
  });

  test('in the same instant as the subscribe leaves nothing open', async () => {
    const raw = await initialised(gateway.url);
    for (let id = 0; id < 20; id += 1) {
      raw.send(subscribe(String(id), subscription));
      raw.send({ id: String(id), type: 'complete' });
    }
    raw.send(subscribe('last', '{ whoami }'));
    await raw.message('complete', 'last');
    await isLive(0);
    expect(raw.messages.filter(({ id }) => id !== 'last')).toHaveLength(1);
    await leave(raw);
  });

  test('of a query that is under way keeps its result back', async () => {
    const raw = await initialised(gateway.url);
    const release = school.people.hold();
    school.people.received.length = 0;
    raw.send(subscribe('slow', '{ person(id: "ada") { name } }'));
    await eventually('it is under way', () => school.people.received.length === 1);
    raw.send({ id: 'slow', type: 'complete' });
    release();
    raw.send(subscribe('after', '{ whoami }'));
    await raw.message('complete', 'after');
    expect(raw.messages.filter(({ id }) => id === 'slow')).toHaveLength(0);
    await leave(raw);
  });

  test('of what is unknown, or over, is ignored', async () => {
    const raw = await initialised(gateway.url);
    raw.send({ id: 'unknown', type: 'complete' });
    raw.send(subscribe('1', '{ whoami }'));
    await raw.message('complete', '1');
    raw.send({ id: '1', type: 'complete' });
    raw.send(subscribe('1', '{ whoami }'));
    await eventually('it ran again', () => raw.messages.filter(({ id }) => id === '1').length === 4);
    await leave(raw);
  });

  test('before the initialisation is ignored', async () => {
    const raw = await openSocket(gateway.url);
    raw.send({ id: '1', type: 'complete' });
    raw.send({ type: 'ping' });
    await raw.message('pong');
    await leave(raw);
  });
});

describe('an invalid message', () => {
  test.each<[string, string]>([
    ['that is not JSON', 'hello'],
    ['that is empty', ''],
    ['that is no object', '"connection_init"'],
    ['that is null', 'null'],
    ['that is a list', '[]'],
    ['without a type', '{}'],
    ['of a type that is no text', '{"type":1}'],
    ['of an unknown type', '{"type":"start","id":"1","payload":{"query":"{ whoami }"}}'],
    ['whose payload is no object', '{"type":"connection_init","payload":"token"}'],
    ['that pings with a list', '{"type":"ping","payload":[]}'],
    ['that subscribes without an id', '{"type":"subscribe","payload":{"query":"{ whoami }"}}'],
    ['that subscribes with an empty id', '{"type":"subscribe","id":"","payload":{"query":"{ whoami }"}}'],
    ['that subscribes with a number as id', '{"type":"subscribe","id":1,"payload":{"query":"{ whoami }"}}'],
    ['that subscribes without a payload', '{"type":"subscribe","id":"1"}'],
    ['that subscribes without a query', '{"type":"subscribe","id":"1","payload":{}}'],
    [
      'whose variables are a text',
      '{"type":"subscribe","id":"1","payload":{"query":"{ whoami }","variables":"x"}}',
    ],
    [
      'whose operation name is a number',
      '{"type":"subscribe","id":"1","payload":{"query":"{ whoami }","operationName":1}}',
    ],
    [
      'whose extensions are a list',
      '{"type":"subscribe","id":"1","payload":{"query":"{ whoami }","extensions":[]}}',
    ],
    ['that completes without an id', '{"type":"complete"}'],
    ['that only a server sends: connection_ack', '{"type":"connection_ack"}'],
    ['that only a server sends: next', '{"type":"next","id":"1","payload":{"data":{}}}'],
    ['that only a server sends: error', '{"type":"error","id":"1","payload":[{"message":"no"}]}'],
  ])('%s is closed with 4400 and a reason', async (_name, text) => {
    for (const open of [() => openSocket(gateway.url), () => initialised(gateway.url)]) {
      const raw = await open();
      raw.send(text);
      const { code, reason } = await raw.closed;
      expect(code).toBe(4400);
      expect(reason).not.toBe('');
    }
  });

  test('ends what ran', async () => {
    const raw = await initialised(gateway.url);
    raw.send(subscribe('1', subscription));
    await isLive();
    raw.send('hello');
    expect((await raw.closed).code).toBe(4400);
    await isLive(0);
  });

  test('behind another in the same instant is the last that is heard', async () => {
    const raw = await initialised(gateway.url);
    raw.send('hello');
    raw.send(subscribe('1', subscription));
    expect((await raw.closed).code).toBe(4400);
    expect(school.progress.live()).toBe(0);
  });

  test('that is not UTF-8 is closed as WebSocket has it, with 1007', async () => {
    const raw = await openSocket(gateway.url);
    raw.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect((await raw.closed).code).toBe(1007);
  });

  test('that is larger than a megabyte is closed as WebSocket has it, with 1009', async () => {
    const raw = await openSocket(gateway.url);
    raw.send('x'.repeat(1024 * 1024 + 1));
    expect((await raw.closed).code).toBe(1009);
  });
});

test('a gateway that stops says 1001 to those who are in and to those who are not', async () => {
  const stopping = await startGateway(school.all);
  const [waiting, working] = await Promise.all([openSocket(stopping.url), initialised(stopping.url)]);
  working.send(subscribe('1', subscription));
  await isLive();
  await stopping.stop();
  expect((await waiting.closed).code).toBe(1001);
  expect((await working.closed).code).toBe(1001);
});

function holdingVerifier() {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    release: () => {
      release();
    },
    verifier: { verify: async (token: string) => released.then(() => testVerifier.verify(token)) },
  };
}
