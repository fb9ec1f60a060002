import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from './kit/eventually.ts';
import { singleStream } from './kit/event-stream.ts';
import { startGateway, type TestGateway } from './kit/gateway.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

/** Single connection mode of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. */
let school: School;
let gateway: TestGateway;
let stream: ReturnType<typeof singleStream>;
const subscription = 'subscription { progressUpdated { percent } }';

beforeAll(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all);
});

afterAll(async () => {
  await gateway.stop();
  await school.stop();
});

beforeEach(() => {
  stream = singleStream(gateway.url, 'Bearer ada');
});

afterEach(async () => {
  stream.leave();
  await eventually('no subscription is left at the subgraph', () => school.progress.live() === 0);
});

const isLive = (count = 1) =>
  eventually(`${count} at the subgraph`, () => school.progress.live() === count, 5_000);

async function opened(by = stream): Promise<string> {
  const token = await by.reserve();
  expect((await by.open(token)).status).toBe(200);
  return token;
}

describe('a reservation', () => {
  test('is a secret of its own each time, in a text that is not stored', async () => {
    const response = await stream.ask('PUT');
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toMatch(/^[\w-]{32}$/);
    expect(await stream.reserve()).not.toBe(await stream.reserve());
  });

  test('is not made with a token that is not valid', async () => {
    const response = await singleStream(gateway.url, 'Bearer forged').ask('PUT');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  test('is opened once at a time', async () => {
    const token = await opened();
    const second = await stream.ask('GET', { token, headers: { accept: 'text/event-stream' } });
    expect(second.status).toBe(409);
  });

  test('may be opened by an EventSource, which sends no headers: the token is in the address', async () => {
    const token = await stream.reserve();
    const response = await fetch(`${gateway.url}?token=${token}`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await response.body?.cancel();
  });

  test('is gone with its stream', async () => {
    const token = await opened();
    await stream.run(token, '1', subscription);
    await isLive();
    stream.leave();
    await isLive(0);
    const again = singleStream(gateway.url, 'Bearer ada');
    expect((await again.run(token, '2', '{ whoami }')).status).toBe(404);
    expect((await again.open(token)).status).toBe(404);
  });

  test('that nobody opens is given up, with what was run for it', async () => {
    const impatient = await startGateway(school.all, { liveLimits: { reservationMs: 300 } });
    const by = singleStream(impatient.url);
    const token = await by.reserve();
    expect((await by.run(token, '1', subscription)).status).toBe(202);
    await isLive();
    await isLive(0);
    expect((await by.open(token)).status).toBe(404);
    await impatient.stop();
  });

  test('opened in time outlives the time for it', async () => {
    const impatient = await startGateway(school.all, { liveLimits: { reservationMs: 300 } });
    const by = singleStream(impatient.url);
    const token = await opened(by);
    const late = await by.reserve();
    await eventually('the late one is given up', async () => (await by.stop(late, '1')).status === 404);
    expect((await by.run(token, '1', '{ whoami }')).status).toBe(202);
    await by.event('complete', '1');
    by.leave();
    await impatient.stop();
  });
});

describe('an operation', () => {
  test('is accepted, and its events say whose they are', async () => {
    const token = await opened();
    const response = await stream.run(token, 'one', subscription);
    expect(response.status).toBe(202);
    await stream.run(token, 'other', 'subscription { progressUpdated { learner { name } } }');
    await isLive(2);
    school.events.publish(progressOf('ada', 'algebra', 7));
    expect(await stream.event('next', 'one')).toEqual({
      event: 'next',
      data: { id: 'one', payload: { data: { progressUpdated: { percent: 7 } } } },
    });
    expect((await stream.event('next', 'other')).data.payload).toEqual({
      data: { progressUpdated: { learner: { name: 'Ada' } } },
    });
  });

  test('with a single result has one next and a complete', async () => {
    const token = await opened();
    await stream.run(token, '1', '{ whoami }');
    await stream.event('complete', '1');
    expect(stream.events).toEqual([
      { event: 'next', data: { id: '1', payload: { data: { whoami: 'Bearer ada' } } } },
      { event: 'complete', data: { id: '1' } },
    ]);
  });

  test('may be run before the stream is opened: its result waits', async () => {
    const token = await stream.reserve();
    expect((await stream.run(token, '1', '{ whoami }')).status).toBe(202);
    await stream.open(token);
    await stream.event('complete', '1');
  });

  test('is stopped by DELETE', async () => {
    const token = await opened();
    await stream.run(token, '1', subscription);
    await isLive();
    expect((await stream.stop(token, '1')).status).toBe(200);
    await isLive(0);
    expect(stream.events).toEqual([]);
    expect((await stream.run(token, '1', '{ whoami }')).status).toBe(202);
    await stream.event('complete', '1');
  });

  test('that may not run is answered as over HTTP, and nothing is streamed', async () => {
    const token = await opened();
    const response = await stream.run(token, '1', 'subscription { nonsense }');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    expect(stream.events).toEqual([]);
  });

  test('whose id is running is a conflict, and what runs goes on', async () => {
    const token = await opened();
    await stream.run(token, '1', subscription);
    await isLive();
    expect((await stream.run(token, '1', '{ whoami }')).status).toBe(409);
    school.events.publish(progressOf('ada', 'algebra', 7));
    await stream.event('next', '1');
  });

  test.each<[string, unknown]>([
    ['has no id', { query: '{ whoami }' }],
    ['has an id that is no text', { query: '{ whoami }', extensions: { operationId: 1 } }],
    ['has no query', { extensions: { operationId: '1' } }],
    [
      'has variables that are a text',
      { query: '{ whoami }', variables: 'x', extensions: { operationId: '1' } },
    ],
  ])('that %s is a bad request', async (_name, body) => {
    const token = await opened();
    const response = await stream.ask('POST', { token, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  test('on a stream that there is not is not found', async () => {
    expect((await stream.run('unknown', '1', '{ whoami }')).status).toBe(404);
    expect((await stream.stop('unknown', '1')).status).toBe(404);
    expect((await stream.open('unknown')).status).toBe(404);
  });

  test('that is none, when it is stopped, is no matter; without a name, it is', async () => {
    const token = await opened();
    expect((await stream.stop(token, 'unknown')).status).toBe(200);
    expect((await stream.ask('DELETE', { token })).status).toBe(400);
  });
});

describe('a stream that is somebody else’s', () => {
  const others = ['Bearer ben', 'Bearer ada@elsewhere', undefined];

  test.each(others)('can not be used by %s', async (authorization) => {
    const token = await opened();
    await stream.run(token, '1', subscription);
    await isLive();
    const other = singleStream(gateway.url, authorization);
    const refused = await other.run(token, '2', '{ whoami }');
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect((await other.stop(token, '1')).status).toBe(403);
    school.events.publish(progressOf('ada', 'algebra', 7));
    await stream.event('next', '1');
    expect(stream.events).toHaveLength(1);
  });

  test.each(['Bearer ben', 'Bearer ada@elsewhere'])('can not be opened by %s', async (authorization) => {
    const token = await stream.reserve();
    expect((await singleStream(gateway.url, authorization).open(token)).status).toBe(403);
    expect((await stream.open(token)).status).toBe(200);
  });

  test('can not be used by somebody who is logged in, where nobody reserved it', async () => {
    const nobody = singleStream(gateway.url);
    const token = await opened(nobody);
    expect((await stream.run(token, '1', '{ whoami }')).status).toBe(403);
    nobody.leave();
  });
});

describe('a page of another origin', () => {
  test('is not allowed to send what reserves, runs or stops', async () => {
    const preflight = await fetch(gateway.url, {
      method: 'OPTIONS',
      headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'PUT' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('runs nothing by what a form can send', async () => {
    const token = await opened();
    const body = JSON.stringify({ query: subscription, extensions: { operationId: '1' } });
    const response = await fetch(`${gateway.url}?token=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', authorization: 'Bearer ada' },
      body,
    });
    expect(response.status).toBe(400);
    expect(school.progress.live()).toBe(0);
  });

  test('runs nothing by GET', async () => {
    const token = await opened();
    const query = encodeURIComponent('{ whoami }');
    const response = await stream.ask('GET', { search: `?token=${token}&query=${query}` });
    expect(response.status).toBe(405);
  });
});

describe('the end', () => {
  test('of the token is told to each operation, and ends the stream', async () => {
    const short = singleStream(gateway.url, 'Bearer ada:1500');
    const token = await opened(short);
    await short.run(token, '1', subscription);
    await short.event('complete', '1');
    expect(short.events).toMatchObject([
      {
        event: 'next',
        data: { id: '1', payload: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } },
      },
      { event: 'complete', data: { id: '1' } },
    ]);
    await eventually('the stream is over', () => short.ended());
  });

  test('of the gateway ends the stream and what runs on it', async () => {
    const stopping = await startGateway(school.all);
    const by = singleStream(stopping.url);
    await by.run(await opened(by), '1', subscription);
    await isLive();
    await stopping.stop();
    await eventually('the stream is over', () => by.ended());
    await isLive(0);
  });
});
