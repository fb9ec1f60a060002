import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { eventually } from './kit/eventually.ts';
import { singleStream } from './kit/event-stream.ts';
import { startGateway, testVerifier, watch, type TestGateway } from './kit/gateway.ts';
import { initialised, openSocket, subscribe } from './kit/raw-socket.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';
import { startSubgraph, type TestSubgraph } from './kit/subgraph.ts';
import { createTopic } from './kit/topic.ts';

let school: School;
/** Tells moments, each with its cursor, from which one could go on. */
let moments: TestSubgraph;
const happening = createTopic<{ cursor: string; text: string }>();
const subscription = 'subscription { progressUpdated { percent } }';

beforeAll(async () => {
  school = await startSchool();
  moments = await startSubgraph({
    name: 'moments',
    sdl: `
      type Query { now: Int }
      type Subscription { happened(after: String): Moment! }
      type Moment { cursor: String!  text: String! }
    `,
    resolvers: {
      Subscription: {
        happened: { subscribe: () => happening.iterate(), resolve: (moment: unknown) => moment },
      },
    },
  });
});

afterAll(async () => {
  await school.stop();
  await moments.stop();
});

afterEach(() => eventually('no subscription is left', () => school.progress.live() + moments.live() === 0));

const isLive = (count = 1, at = school.progress) =>
  eventually(`${count} at the subgraph`, () => at.live() === count, 5_000);

async function metric(gateway: TestGateway, name: string): Promise<number> {
  const text = await (await fetch(`${gateway.origin}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(name));
  return Number(line?.split(' ').at(-1) ?? 0);
}

describe('connections from one address', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway(school.all, { liveLimits: { connectionsPerAddress: 2 } });
  });
  afterAll(() => gateway.stop());

  test('are so many, over all protocols; one more is refused with 429 until another has gone', async () => {
    const raw = await initialised(gateway.url);
    const stream = singleStream(gateway.url);
    await stream.open(await stream.reserve());
    const [, response] = (await once(
      new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws').on('error', () => undefined),
      'unexpected-response',
    )) as [unknown, { statusCode: number; headers: Record<string, string>; destroy(): void }];
    expect(response.statusCode).toBe(429);
    expect(response.headers['retry-after']).toBe('10');
    response.destroy();
    for (const [method, headers] of [
      ['PUT', {}],
      ['POST', { accept: 'text/event-stream', 'content-type': 'application/json' }],
      ['POST', { accept: 'multipart/mixed;subscriptionSpec=1.0', 'content-type': 'application/json' }],
    ] as const) {
      const body = method === 'POST' ? { body: JSON.stringify({ query: subscription }) } : {};
      const refused = await fetch(gateway.url, { method, headers, ...body });
      expect(refused.status).toBe(429);
      expect(refused.headers.get('retry-after')).toBe('10');
      expect(await refused.json()).toMatchObject({
        errors: [{ extensions: { code: 'TOO_MANY_CONNECTIONS', limit: 2 } }],
      });
    }
    expect(
      await metric(gateway, 'lyceum_gateway_connections_refused_total{limit="address"'),
    ).toBeGreaterThanOrEqual(4);
    stream.leave();
    await eventually(
      'its place is free',
      async () => (await metric(gateway, 'lyceum_gateway_connections{transport="single')) === 0,
    );
    const another = await initialised(gateway.url);
    for (const each of [raw, another]) each.socket.close();
    await eventually(
      'all have gone',
      async () => (await metric(gateway, 'lyceum_gateway_connections{transport="websocket')) === 0,
    );
  });

  test('do not count what was refused or answered at once', async () => {
    for (let time = 0; time < 5; time += 1) {
      const raw = await openSocket(gateway.url);
      raw.send({ type: 'connection_init', payload: { token: 'forged' } });
      expect((await raw.closed).code).toBe(4403);
      const answered = await fetch(gateway.url, {
        method: 'POST',
        headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ whoami }' }),
      });
      expect(await answered.text()).toContain('event: complete');
      expect((await singleStream(gateway.url, 'Bearer forged').ask('PUT')).status).toBe(401);
    }
  });
});

describe('connections of one user', () => {
  test('are so many; one more is closed with 4431, and another user comes in', async () => {
    const gateway = await startGateway(school.all, { liveLimits: { connectionsPerUser: 2 } });
    const first = await initialised(gateway.url, { token: 'ada' });
    const stream = singleStream(gateway.url, 'Bearer ada');
    await stream.open(await stream.reserve());
    const refused = await openSocket(gateway.url);
    refused.send({ type: 'connection_init', payload: { token: 'ada' } });
    expect(await refused.closed).toEqual({
      code: 4431,
      reason: 'No more than 2 connections of this user may be open at a time.',
    });
    const overHttp = await fetch(gateway.url, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        authorization: 'Bearer ada',
      },
      body: JSON.stringify({ query: subscription }),
    });
    expect(overHttp.status).toBe(429);
    expect((await singleStream(gateway.url, 'Bearer ada').ask('PUT')).status).toBe(429);
    const others = [await initialised(gateway.url, { token: 'ben' }), await initialised(gateway.url)];
    first.socket.close();
    await first.closed;
    const again = await initialised(gateway.url, { token: 'ada' });
    for (const each of [...others, again]) each.socket.close();
    stream.leave();
    await gateway.stop();
  });
});

describe('operations on one connection', () => {
  test('are so many at a time; one more is an error of its own, and the others go on', async () => {
    const gateway = await startGateway(school.all, { liveLimits: { operationsPerConnection: 2 } });
    const raw = await initialised(gateway.url);
    for (const id of ['1', '2', '3']) raw.send(subscribe(id, subscription));
    expect((await raw.message('error', '3')).payload).toMatchObject([
      { extensions: { code: 'TOO_MANY_OPERATIONS', limit: 2 } },
    ]);
    await isLive(2);
    school.events.publish(progressOf('ada', 'algebra', 1));
    await Promise.all([raw.message('next', '1'), raw.message('next', '2')]);
    raw.send({ id: '1', type: 'complete' });
    raw.send(subscribe('4', '{ whoami }'));
    await raw.message('complete', '4');
    raw.socket.close();
    await isLive(0);

    const stream = singleStream(gateway.url);
    const token = await stream.reserve();
    await stream.open(token);
    for (const id of ['1', '2']) expect((await stream.run(token, id, subscription)).status).toBe(202);
    const refused = await stream.run(token, '3', subscription);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_MANY_OPERATIONS' } }] });
    stream.leave();
    await gateway.stop();
  });
});

describe('a slow client', () => {
  /** Holds up what completes events, so that they wait. */
  async function slowGateway(options: Parameters<typeof startGateway>[1]) {
    const gateway = await startGateway([...school.all, moments], options);
    return { gateway, client: gateway.connect() };
  }

  test('of states gets the newest of each object, and is not cut off', async () => {
    const { gateway, client } = await slowGateway({ subscriberCapacity: 10 });
    const release = school.people.hold();
    const watched = watch(client, 'subscription { progressUpdated { id percent learner { name } } }');
    await isLive();
    for (let percent = 1; percent <= 50; percent += 1) {
      school.events.publish(progressOf('ada', 'algebra', percent));
      school.events.publish(progressOf('ben', 'botany', percent));
    }
    await eventually(
      'some were dropped',
      async () => (await metric(gateway, 'lyceum_gateway_subscription_events_dropped_total')) > 80,
    );
    release();
    const percents = () =>
      watched.results.map(
        ({ data }) => (data as { progressUpdated: { id: string; percent: number } }).progressUpdated,
      );
    await eventually(
      'the newest of both',
      () => percents().filter(({ percent }) => percent === 50).length === 2,
    );
    expect(watched.results.length).toBeLessThan(20);
    const ofAda = percents()
      .filter(({ id }) => id === 'ada-algebra')
      .map(({ percent }) => percent);
    expect(ofAda).toEqual(ofAda.toSorted((one, other) => one - other));
    await client.dispose();
    await isLive(0);
    await gateway.stop();
  });

  test('of events is cut off with the cursor from which it goes on, and has had all before it', async () => {
    const { gateway, client } = await slowGateway({ subscriberCapacity: 3 });
    const raw = await initialised(gateway.url);
    raw.send(subscribe('1', 'subscription { moment: happened(after: "0") { cursor text } }'));
    await isLive(1, moments);
    // In one instant: nothing can be written between.
    for (let at = 1; at <= 10; at += 1) happening.publish({ cursor: String(at), text: 'x' });
    const { payload } = await raw.message('error', '1');
    const cursors = raw.messages
      .filter(({ type }) => type === 'next')
      .map(({ payload: next }) => (next as { data: { moment: { cursor: string } } }).data.moment.cursor);
    expect(payload).toMatchObject([
      { extensions: { code: 'SLOW_CONSUMER', resumable: true, after: cursors.at(-1) } },
    ]);
    expect(cursors).toEqual(cursors.map((_, index) => String(index + 1)));
    expect(cursors.length).toBeGreaterThanOrEqual(3);
    await isLive(0, moments);
    raw.socket.close();
    await client.dispose();
    await gateway.stop();
  });

  test('has no more bytes waiting than it may, over all that it subscribes to', async () => {
    const { gateway, client } = await slowGateway({ liveLimits: { waitingBytes: 100_000 } });
    const release = school.people.hold();
    const query = 'subscription { progressBatch { percent learner { name } } }';
    const [one, other] = [watch(client, query), watch(client, query)];
    await isLive(2);
    const many = Array.from({ length: 400 }, (_, percent) => progressOf('ada', 'algebra', percent));
    for (let time = 0; time < 6; time += 1) school.events.publish(many);
    await isLive(0);
    release();
    for (const { end } of [one, other])
      expect(await end).toMatchObject([{ extensions: { code: 'SLOW_CONSUMER', resumable: false } }]);
    expect(one.results.length + other.results.length).toBeGreaterThan(0);
    expect(one.results.length + other.results.length).toBeLessThan(8);
    await client.dispose();
    await gateway.stop();
  });

  test('that does not read what is written is closed with 4430, and what ran for it is ended', async () => {
    const gateway = await startGateway(school.all, {
      liveLimits: { waitingBytes: 100_000 },
      subscriberCapacity: 10_000,
    });
    const raw = await initialised(gateway.url);
    for (let id = 0; id < 20; id += 1)
      raw.send(subscribe(String(id), 'subscription { progressUpdated { id } }'));
    await isLive(20);
    const { _socket: connection } = raw.socket as unknown as { _socket: { pause(): void; resume(): void } };
    connection.pause();
    let at = 0;
    await eventually('it is cut', () => {
      school.events.publish({ ...progressOf('ada', 'algebra', 1), id: `${(at += 1)}${'x'.repeat(90_000)}` });
      return school.progress.live() === 0;
    });
    connection.resume();
    expect((await raw.closed).code).toBe(4430);
    expect(await metric(gateway, 'lyceum_gateway_sockets_closed_total{code="4430"')).toBe(1);
    await gateway.stop();
  });

  test('that sends pings and reads no answer does not fill memory', async () => {
    const gateway = await startGateway(school.all);
    const raw = await initialised(gateway.url);
    const { _socket: connection } = raw.socket as unknown as { _socket: { pause(): void; resume(): void } };
    connection.pause();
    const payload = 'x'.repeat(30_000);
    const pings = 1_000;
    for (let ping = 0; ping < pings; ping += 1) raw.send({ type: 'ping', payload: { payload } });
    raw.send(subscribe('1', subscription));
    await isLive();
    connection.resume();
    raw.send(subscribe('last', '{ whoami }'));
    await raw.message('complete', 'last');
    expect(raw.messages.filter(({ type }) => type === 'pong').length).toBeLessThan(pings);
    raw.socket.close();
    await isLive(0);
    await gateway.stop();
  });
});

test('a user is counted once they are known: while the token is verified, nobody is', async () => {
  const gateway = await startGateway(school.all, {
    verifier: testVerifier,
    liveLimits: { connectionsPerUser: 1 },
  });
  for (let time = 0; time < 3; time += 1) {
    const raw = await initialised(gateway.url, { token: 'ada' });
    raw.socket.terminate();
    await eventually('it has gone', async () => (await metric(gateway, 'lyceum_gateway_connections{')) === 0);
  }
  await gateway.stop();
});
