import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEndedSessions } from '../src/access/ended-sessions.ts';
import { eventually } from './kit/eventually.ts';
import { singleStream } from './kit/event-stream.ts';
import { sessionOf, startGateway, testVerifier, type TestGateway } from './kit/gateway.ts';
import { initialised, openSocket, subscribe, type RawSocket } from './kit/raw-socket.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

let school: School;
let gateway: TestGateway;
const subscription = 'subscription { progressUpdated { percent learner { name } } }';
const ended = createEndedSessions();

beforeAll(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all, { endedSessions: ended });
});

afterAll(async () => {
  await gateway.stop();
  await school.stop();
});

beforeEach(() => {
  for (const { received, connections, pings } of school.all) {
    received.length = 0;
    connections.length = 0;
    pings.length = 0;
  }
});

afterEach(() => eventually('no subscription is left at the subgraph', () => school.progress.live() === 0));

const isLive = (count = 1) =>
  eventually(`${count} at the subgraph`, () => school.progress.live() === count, 5_000);

async function subscribed(token: string, query = subscription): Promise<RawSocket> {
  const raw = await initialised(gateway.url, { token });
  raw.send(subscribe('1', query));
  await isLive();
  return raw;
}

const renew = (raw: RawSocket, token: string) => {
  raw.send({ type: 'ping', payload: { authorization: `Bearer ${token}` } });
};

/** Another socket, whose token ends later than that of the one under test would have. */
async function untilAfter(milliseconds: number): Promise<void> {
  const other = await initialised(gateway.url, { token: `other:${milliseconds}` });
  expect((await other.closed).code).toBe(4403);
}

async function leave(raw: RawSocket): Promise<void> {
  raw.socket.close();
  await isLive(0);
}

describe('a new token, shown with a ping', () => {
  test('is taken, and what runs outlives the first, with nothing opened anew', async () => {
    const raw = await subscribed('ada:600');
    renew(raw, 'ada:60000');
    expect(await raw.message('pong')).toEqual({
      type: 'pong',
      payload: { renewed: true, expiresAt: expect.stringMatching(/^\d{4}-/) },
    });
    await untilAfter(700);
    school.events.publish(progressOf('ada', 'algebra', 7));
    await raw.message('next');
    expect(school.people.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer ada:60000']);
    expect(school.progress.connections).toEqual([{ authorization: 'Bearer ada:600' }]);
    expect(school.progress.pings).toEqual([{ authorization: 'Bearer ada:60000' }]);
    await leave(raw);
  });

  test('counts for operations that begin after it', async () => {
    const raw = await initialised(gateway.url, { token: 'ada:600' });
    renew(raw, 'ada:60000');
    await raw.message('pong');
    raw.send(subscribe('1', '{ whoami }'));
    expect((await raw.message('next')).payload).toEqual({ data: { whoami: 'Bearer ada:60000' } });
    await leave(raw);
  });

  test('ends in its turn', async () => {
    const raw = await subscribed('ada:300');
    renew(raw, 'ada:600');
    await raw.message('pong');
    expect(await raw.closed).toEqual({ code: 4403, reason: 'The access token has expired.' });
  });

  test('is of no use any more when the session ends', async () => {
    const raw = await subscribed('cleo:600');
    renew(raw, 'cleo:60000');
    await raw.message('pong');
    ended.add(sessionOf('cleo'), new Date(Date.now() + 60_000));
    expect(await raw.closed).toEqual({ code: 4403, reason: 'The session has ended.' });
  });

  test.each([
    ['is not valid', 'forged', 'UNAUTHENTICATED', 'The access token is not valid.'],
    ['names nothing', '', 'UNAUTHENTICATED', 'The Authorization header must be: Bearer <access token>.'],
  ])('that %s is refused, and the first goes on until its end', async (_name, token, code, reason) => {
    const raw = await subscribed('ada:800');
    renew(raw, token);
    expect((await raw.message('pong')).payload).toEqual({ renewed: false, code, reason });
    school.events.publish(progressOf('ada', 'algebra', 7));
    await raw.message('next');
    expect((await raw.closed).code).toBe(4403);
  });

  test('that nobody can verify now is refused so, and may be sent again', async () => {
    let away = false;
    const verifier = {
      verify: async (token: string) => {
        if (away) throw new Error('no keys');
        return testVerifier.verify(token);
      },
    };
    const without = await startGateway(school.all, { verifier });
    const raw = await initialised(without.url, { token: 'ada' });
    away = true;
    renew(raw, 'ada:900000');
    expect((await raw.message('pong')).payload).toMatchObject({ renewed: false, code: 'UNAVAILABLE' });
    away = false;
    renew(raw, 'ada:900000');
    await eventually('it is taken', () => raw.messages.length === 3);
    expect(raw.messages[2]?.payload).toMatchObject({ renewed: true });
    raw.socket.close();
    await without.stop();
  });

  test.each([
    ['another user', 'ada', 'ben'],
    ['another organisation', 'ada', 'ada@elsewhere'],
    ['somebody, where nobody is logged in', undefined, 'ada'],
  ])('of %s closes the socket with 4403', async (_name, first, second) => {
    const raw = await initialised(gateway.url, first === undefined ? undefined : { token: first });
    raw.send(subscribe('1', subscription));
    await isLive();
    renew(raw, second);
    expect(await raw.closed).toEqual({
      code: 4403,
      reason: 'The new token is of another user, organisation or session.',
    });
    expect(raw.messages.map(({ type }) => type)).toEqual(['connection_ack']);
  });

  test('of another session of the same user closes the socket with 4403', async () => {
    let sessionId = 'first';
    const verifier = {
      verify: async (token: string) => ({ ...(await testVerifier.verify(token)), sessionId }),
    };
    const other = await startGateway(school.all, { verifier });
    const raw = await initialised(other.url, { token: 'ada' });
    sessionId = 'second';
    renew(raw, 'ada:900000');
    expect((await raw.closed).code).toBe(4403);
    await other.stop();
  });

  test('that ends sooner than the one that is there changes nothing', async () => {
    const raw = await subscribed('ada:60000');
    renew(raw, 'ada:200');
    expect((await raw.message('pong')).payload).toMatchObject({ renewed: true });
    await untilAfter(300);
    school.events.publish(progressOf('ada', 'algebra', 7));
    await raw.message('next');
    expect(school.people.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer ada:60000']);
    await leave(raw);
  });

  test('before the initialisation renews nothing, and is not sent back', async () => {
    const raw = await openSocket(gateway.url);
    renew(raw, 'ada');
    expect((await raw.message('pong')).payload).toEqual({
      renewed: false,
      code: 'UNAUTHENTICATED',
      reason: 'The connection is not initialised.',
    });
    raw.socket.close();
  });

  test('while another is being verified is refused', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const verifier = {
      verify: async (token: string) => {
        if (token !== 'ada') await released;
        return testVerifier.verify(token);
      },
    };
    const slow = await startGateway(school.all, { verifier });
    const raw = await initialised(slow.url, { token: 'ada' });
    renew(raw, 'ada:900000');
    renew(raw, 'ada:900000');
    expect((await raw.message('pong')).payload).toMatchObject({ code: 'RENEWAL_UNDER_WAY' });
    release();
    await eventually('the first is taken', () => raw.messages.length === 3);
    expect(raw.messages[2]?.payload).toMatchObject({ renewed: true });
    raw.socket.close();
    await slow.stop();
  });
});

describe('other rights, that a new token says', () => {
  test('end what they do not allow with the code of its subgraph; the rest goes on', async () => {
    const raw = await subscribed('ada:5000:INSTRUCTOR', 'subscription { forInstructors { percent } }');
    raw.send(subscribe('2', subscription));
    await isLive(2);
    renew(raw, 'ada:60000:LEARNER');
    const { payload } = await raw.message('next', '1');
    expect(payload).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    await raw.message('complete', '1');
    await isLive(1);
    school.events.publish(progressOf('ada', 'algebra', 7));
    await raw.message('next', '2');
    expect(school.progress.connections).toEqual([
      { authorization: 'Bearer ada:5000:INSTRUCTOR' },
      { authorization: 'Bearer ada:60000:LEARNER' },
    ]);
    expect(raw.messages.filter(({ id }) => id === '1')).toHaveLength(2);
    await leave(raw);
  });

  test('that are more go on, each event once', async () => {
    const raw = await subscribed('ada:5000:LEARNER');
    renew(raw, 'ada:60000:INSTRUCTOR');
    await raw.message('pong');
    await eventually('it was begun anew', () => school.progress.connections.length === 2);
    await eventually('the first was left', () => school.progress.sockets.clients.size === 1);
    await isLive(1);
    school.events.publish(progressOf('ada', 'algebra', 7));
    await raw.message('next');
    raw.send({ type: 'ping' });
    await eventually(
      'the second pong',
      () => raw.messages.filter(({ type }) => type === 'pong').length === 2,
    );
    expect(raw.messages.filter(({ type }) => type === 'next')).toHaveLength(1);
    await leave(raw);
  });
});

describe('a subgraph that knows nothing of renewal', () => {
  test.each([4403, 4401])(
    'and closes with %s when the first token ends is shown the new one',
    async (code) => {
      const raw = await subscribed('ada:5000');
      renew(raw, 'ada:60000');
      await raw.message('pong');
      for (const socket of school.progress.sockets.clients) socket.close(code);
      await eventually('it is shown the new one', () => school.progress.connections.length === 2);
      expect(school.progress.connections[1]).toEqual({ authorization: 'Bearer ada:60000' });
      await isLive();
      school.events.publish(progressOf('ada', 'algebra', 7));
      await raw.message('next');
      await leave(raw);
    },
  );

  test('and refuses the new one too ends the subscription', async () => {
    const raw = await subscribed('ada:5000');
    for (const socket of school.progress.sockets.clients) socket.close(4403);
    const { payload } = await raw.message('error');
    expect(payload).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(school.progress.connections).toHaveLength(1);
    await leave(raw);
  });
});

describe('on an event stream in single connection mode', () => {
  test('a newer token with an operation counts for all that runs', async () => {
    const stream = singleStream(gateway.url, 'Bearer ada:1000');
    const token = await stream.reserve();
    await stream.open(token);
    await stream.run(token, '1', subscription);
    await isLive();
    const renewed = await stream.run(token, '2', '{ whoami }', { authorization: 'Bearer ada:60000' });
    expect(renewed.status).toBe(202);
    expect((await stream.event('next', '2')).data.payload).toEqual({ data: { whoami: 'Bearer ada:60000' } });
    await untilAfter(1_100);
    school.events.publish(progressOf('ada', 'algebra', 7));
    await stream.event('next', '1');
    expect(school.people.received.map(({ headers }) => headers.authorization)).toEqual(
      expect.arrayContaining(['Bearer ada:60000']),
    );
    stream.leave();
  });
});
