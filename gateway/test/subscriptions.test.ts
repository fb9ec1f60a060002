import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from './kit/eventually.ts';
import { startGateway, testVerifier, watch, type TestGateway, type Watched } from './kit/gateway.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

let school: School;
let gateway: TestGateway;
let client: Client;

beforeAll(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all);
});

afterAll(async () => {
  await gateway.stop();
  await school.stop();
});

beforeEach(() => {
  client = gateway.connect({ connectionParams: { authorization: 'Bearer ada' } });
  for (const subgraph of school.all) {
    subgraph.received.length = 0;
    subgraph.connections.length = 0;
    subgraph.answerWith(undefined);
  }
});

afterEach(async () => {
  await client.dispose();
  await eventually('no subscription is left at the subgraph', () => school.progress.live() === 0);
});

/** Subscribes, and waits until the subgraph has the subscription too. */
async function live(query: string, variables?: Record<string, unknown>, by = client): Promise<Watched> {
  const before = school.progress.live();
  const watched = watch(by, query, variables);
  await eventually('the subscription is open at the subgraph', () => school.progress.live() > before);
  return watched;
}

async function received(watched: Watched, count: number) {
  await eventually(`${count} events`, () => watched.results.length >= count);
  return watched.results;
}

describe('an event', () => {
  test('is completed from the other subgraphs', async () => {
    const watched = await live(
      'subscription { progressUpdated { percent learner { name } course { title } } }',
    );
    school.events.publish(progressOf('ada', 'algebra', 50));
    expect(await received(watched, 1)).toEqual([
      { data: { progressUpdated: { percent: 50, learner: { name: 'Ada' }, course: { title: 'Algebra' } } } },
    ]);
  });

  test('is completed over several hops', async () => {
    const watched = await live(
      'subscription { progressUpdated { course { teacher { name teaches { title } } } } }',
    );
    school.events.publish(progressOf('ada', 'algebra', 50));
    const [first] = await received(watched, 1);
    expect(first?.data).toEqual({
      progressUpdated: {
        course: { teacher: { name: 'Cleo', teaches: [{ title: 'Algebra' }, { title: 'Botany' }] } },
      },
    });
  });

  test('keeps aliases, arguments and fragments', async () => {
    const watched = await live(
      `
      subscription Progress($word: String!) {
        changed: progressUpdated { share: percent(scale: 1) ...Who ... on Progress { course { name: title } } }
      }
      fragment Who on Progress { who: learner { greeting(word: $word) called: name } }
    `,
      { word: 'Hello' },
    );
    school.events.publish(progressOf('ada', 'algebra', 100));
    const [first] = await received(watched, 1);
    expect(first).toEqual({
      data: {
        changed: { share: 1, course: { name: 'Algebra' }, who: { greeting: 'Hello Ada', called: 'Ada' } },
      },
    });
  });

  test('may be a list, each element completed', async () => {
    const watched = await live('subscription { progressBatch { percent learner { name } } }');
    school.events.publish([progressOf('ada', 'algebra', 1), progressOf('ben', 'botany', 2)]);
    const [first] = await received(watched, 1);
    expect(first?.data).toEqual({
      progressBatch: [
        { percent: 1, learner: { name: 'Ada' } },
        { percent: 2, learner: { name: 'Ben' } },
      ],
    });
  });

  test.each([true, false])('obeys @include and @skip inside, when the condition is %s', async (wanted) => {
    const watched = await live(
      'subscription($wanted: Boolean!) { progressUpdated { percent learner @include(if: $wanted) { name } course @skip(if: $wanted) { title } } }',
      { wanted },
    );
    school.events.publish(progressOf('ada', 'algebra', 5));
    const [first] = await received(watched, 1);
    expect(first?.data).toEqual({
      progressUpdated: wanted
        ? { percent: 5, learner: { name: 'Ada' } }
        : { percent: 5, course: { title: 'Algebra' } },
    });
  });

  test('asks the other subgraphs with the token of the subscriber', async () => {
    const watched = await live('subscription { progressUpdated { learner { name } } }');
    school.events.publish(progressOf('ada', 'algebra', 50));
    await received(watched, 1);
    expect(school.people.received[0]?.headers.authorization).toBe('Bearer ada');
    expect(school.progress.connections).toEqual([{ authorization: 'Bearer ada' }]);
  });

  test('asks nobody for what the event holds already', async () => {
    const watched = await live('subscription { progressUpdated { percent learner { id } } }');
    school.events.publish(progressOf('ada', 'algebra', 50));
    expect(await received(watched, 1)).toEqual([
      { data: { progressUpdated: { percent: 50, learner: { id: 'ada' } } } },
    ]);
    expect([...school.people.received, ...school.courses.received]).toHaveLength(0);
  });

  test('that is null stays null', async () => {
    const watched = await live('subscription { progressUpdated { learner { name } } }');
    school.events.publish({ ...progressOf('ada', 'algebra', 1), learner: null });
    expect(await received(watched, 1)).toEqual([{ data: { progressUpdated: { learner: null } } }]);
  });

  test('reaches only those whose arguments it fits', async () => {
    const watched = await live('subscription($id: ID) { progressUpdated(courseId: $id) { id } }', {
      id: 'botany',
    });
    school.events.publish(progressOf('ada', 'algebra', 50));
    school.events.publish(progressOf('ada', 'botany', 50));
    expect(await received(watched, 1)).toEqual([{ data: { progressUpdated: { id: 'ada-botany' } } }]);
  });

  test('comes in the order in which it happened, although another was quicker to complete', async () => {
    const watched = await live('subscription { progressUpdated { percent learner { name } } }');
    const release = school.people.hold();
    school.events.publish(progressOf('ada', 'algebra', 1));
    await eventually('the first event waits for people', () => school.people.received.length === 1);
    school.events.publish({ ...progressOf('ada', 'algebra', 2), learner: null });
    school.events.publish(progressOf('ben', 'algebra', 3));
    await eventually('the third is under way beside it', () => school.people.received.length === 2);
    expect(watched.results).toHaveLength(0);
    release();
    const results = await received(watched, 3);
    expect(
      results.map(({ data }) => (data as { progressUpdated: { percent: number } }).progressUpdated.percent),
    ).toEqual([1, 2, 3]);
  });
});

describe('a subgraph that fails during an event', () => {
  test('nulls only what depends on it, and the next event is whole again', async () => {
    const watched = await live(
      'subscription { progressUpdated { percent learner { name } course { title } } }',
    );
    school.people.answerWith({ status: 503, text: 'away' });
    school.events.publish(progressOf('ada', 'algebra', 1));
    await received(watched, 1);
    school.people.answerWith(undefined);
    await eventually('people to be asked again', async () => {
      const { errors } = await gateway.query('{ whoami }');
      return errors === undefined;
    });
    school.events.publish(progressOf('ada', 'algebra', 2));
    expect(await received(watched, 2)).toEqual([
      {
        data: { progressUpdated: { percent: 1, learner: { name: null }, course: { title: 'Algebra' } } },
        errors: [
          {
            message: 'The subgraph "people" answered 503.',
            path: ['progressUpdated', 'learner'],
            extensions: { code: 'SUBGRAPH_BAD_ANSWER', serviceName: 'people' },
          },
        ],
      },
      { data: { progressUpdated: { percent: 2, learner: { name: 'Ada' }, course: { title: 'Algebra' } } } },
    ]);
  });

  test('by denying a field is quoted with its code', async () => {
    const watched = await live('subscription { progressUpdated { learner { name } } }');
    school.events.publish(progressOf('hidden', 'algebra', 1));
    const [first] = await received(watched, 1);
    expect(first).toMatchObject({
      data: { progressUpdated: { learner: { name: null } } },
      errors: [
        {
          path: ['progressUpdated', 'learner', 'name'],
          extensions: { code: 'FORBIDDEN', serviceName: 'people' },
        },
      ],
    });
  });
});

describe('a subscription is refused', () => {
  test.each([
    ['that is not valid', 'subscription { progressUpdated { nonsense } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'with @skip on its root',
      'subscription { progressUpdated @skip(if: true) { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'with @include on its root in a fragment',
      'subscription { ...Root } fragment Root on Subscription { progressUpdated @include(if: true) { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'that is too deep',
      `subscription { progressUpdated { learner { ${'friends { '.repeat(12)} id ${'} '.repeat(12)} } } }`,
      'OPERATION_TOO_DEEP',
    ],
    [
      'that is too costly',
      'subscription { progressBatch { learner { friends { friends { friends { id } } } } } }',
      'OPERATION_TOO_COSTLY',
    ],
  ])('%s', async (_name, query, code) => {
    expect(await watch(client, query).end).toMatchObject([{ extensions: { code } }]);
    expect(school.progress.connections).toHaveLength(0);
  });

  test('whose variables do not fit', async () => {
    const watched = watch(client, 'subscription($id: ID!) { progressUpdated(courseId: $id) { id } }');
    expect(await watched.end).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('by its subgraph, whose error arrives with its code', async () => {
    const watched = watch(client, 'subscription { forbidden { id } }');
    expect(await watched.end).toBe('complete');
    expect(watched.results).toEqual([
      {
        data: null,
        errors: [
          {
            message: 'This needs the role INSTRUCTOR.',
            path: ['forbidden'],
            extensions: { code: 'FORBIDDEN', serviceName: 'progress' },
          },
        ],
      },
    ]);
  });

  test('over plain HTTP, where to subscribe is said', async () => {
    const answer = await gateway.query('subscription { progressUpdated { id } }');
    expect(answer).toMatchObject({
      status: 406,
      errors: [{ message: expect.stringMatching(/graphql-transport-ws.*event-stream.*multipart/) }],
    });
  });
});

describe('a socket', () => {
  test('also carries queries and mutations', async () => {
    const watched = watch(client, '{ whoami }');
    expect(await watched.end).toBe('complete');
    expect(watched.results).toEqual([{ data: { whoami: 'Bearer ada' } }]);
  });

  test('takes the token as { token }', async () => {
    const other = gateway.connect({ connectionParams: { token: 'ben' } });
    const watched = watch(other, '{ whoami }');
    await watched.end;
    expect(watched.results).toEqual([{ data: { whoami: 'Bearer ben' } }]);
  });

  test('with a token that is not valid is closed with 4403 and the reason', async () => {
    const other = gateway.connect({ connectionParams: { token: 'forged' } });
    expect(await watch(other, '{ whoami }').end).toMatchObject({
      code: 4403,
      reason: 'The access token is not valid.',
    });
  });

  test('is closed with 4403 when its token expires, and the upstream with it', async () => {
    const other = gateway.connect({ connectionParams: { token: 'ada:2000' } });
    const watched = await live('subscription { progressUpdated { id } }', undefined, other);
    expect(await watched.end).toMatchObject({ code: 4403, reason: 'The access token has expired.' });
    await eventually('the upstream is closed', () => school.progress.sockets.clients.size === 0);
  });

  test('to another path is refused', async () => {
    const socket = new WebSocket(`${gateway.origin.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws');
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
    expect(error.message).toContain('404');
  });

  test('to another path that is reset while it is refused disturbs nobody', async () => {
    const { hostname, port } = new URL(gateway.origin);
    // An error that nobody listens for would end a process, and fails this suite.
    for (let attempt = 0; attempt < 20; attempt += 1) await upgradeAndReset(hostname, Number(port));
    expect(await gateway.query('{ whoami }')).toMatchObject({ status: 200 });
  });
});

describe('a client that leaves', () => {
  test('by unsubscribing closes the upstream, although no event ever came', async () => {
    const watched = await live('subscription { progressUpdated { id } }');
    watched.leave();
    await eventually('the upstream is closed', () => school.progress.sockets.clients.size === 0);
  });

  test('by vanishing closes the upstream', async () => {
    let socket: WebSocket | undefined;
    const other = gateway.connect({ on: { opened: (opened) => (socket = opened as WebSocket) } });
    await live('subscription { progressUpdated { id } }', undefined, other);
    socket?.terminate();
    await eventually('the upstream is closed', () => school.progress.sockets.clients.size === 0);
  });

  test('shares one upstream socket among its subscriptions', async () => {
    await live('subscription { progressUpdated { id } }');
    await live('subscription { progressBatch { id } }');
    expect(school.progress.sockets.clients.size).toBe(1);
  });
});

describe('a subgraph that is lost', () => {
  test('is subscribed to again when it comes back', async () => {
    const watched = await live('subscription { progressUpdated { percent } }');
    await school.progress.stop();
    await eventually('it is gone', () => school.progress.live() === 0);
    await school.progress.restart();
    await eventually('it is back', () => school.progress.live() === 1);
    school.events.publish(progressOf('ada', 'algebra', 7));
    expect(await received(watched, 1)).toEqual([{ data: { progressUpdated: { percent: 7 } } }]);
  });

  test('for too long ends the subscription with a clear error', async () => {
    const impatient = await startGateway(school.all, {
      patience: { attempts: 2, firstPauseMs: 5, longestPauseMs: 10 },
    });
    const watched = await live('subscription { progressUpdated { id } }', undefined, impatient.connect());
    await school.progress.stop();
    expect(await watched.end).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    await school.progress.restart();
    await impatient.stop();
  });

  test('that comes back without the keys of tokens, and says so with 4500, is asked again', async () => {
    const watched = await live('subscription { progressUpdated { percent } }');
    await school.progress.stop();
    school.progress.failConnections(2);
    school.progress.connections.length = 0;
    await eventually('it is gone', () => school.progress.live() === 0);
    await school.progress.restart();
    await eventually('it is back', () => school.progress.live() === 1);
    expect(school.progress.connections).toHaveLength(3);
    school.events.publish(progressOf('ada', 'algebra', 7));
    expect(await received(watched, 1)).toEqual([{ data: { progressUpdated: { percent: 7 } } }]);
  });

  test('that answers 4500 for too long ends only its own subscriptions, and later ones find it again', async () => {
    const attempts = 3;
    const impatient = await startGateway(school.all, {
      patience: { attempts, firstPauseMs: 1, longestPauseMs: 2 },
    });
    const other = impatient.connect();
    school.progress.failConnections(attempts + 1);
    const watched = watch(other, 'subscription { progressUpdated { id } }');
    expect(await watched.end).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    expect(school.progress.connections).toHaveLength(attempts + 1);
    school.progress.failConnections(attempts);
    await live('subscription { progressUpdated { id } }', undefined, other);
    await other.dispose();
    await impatient.stop();
  });

  test('that refuses the token is not asked again', async () => {
    const other = gateway.connect({ connectionParams: { token: 'refused-by-subgraph' } });
    const watched = watch(other, 'subscription { progressUpdated { id } }');
    expect(await watched.end).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(school.progress.connections).toHaveLength(1);
  });
});

describe('a slow client', () => {
  test('is cut off when too many events wait for it, with what waited delivered first', async () => {
    const small = await startGateway(school.all, { subscriberCapacity: 3 });
    const watched = await live(
      'subscription { progressUpdated { percent learner { name } } }',
      undefined,
      small.connect(),
    );
    const release = school.people.hold();
    for (let percent = 1; percent <= 5; percent += 1)
      school.events.publish(progressOf('ada', 'algebra', percent));
    await eventually('the upstream is left', () => school.progress.live() === 0);
    release();
    expect(await watched.end).toMatchObject([{ extensions: { code: 'SLOW_CONSUMER' } }]);
    expect(watched.results).toHaveLength(3);
    await small.stop();
  });
});

describe('a gateway that is stopped', () => {
  test('says goodbye to its subscribers, and leaves the subgraphs', async () => {
    const stopping = await startGateway(school.all);
    const subscription = 'subscription { progressUpdated { id } }';
    const overSocket = await live(subscription, undefined, stopping.connect());
    const overHttp = await fetch(stopping.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: subscription }),
    });
    await eventually('both are open', () => school.progress.live() === 2);
    await stopping.stop();
    expect(await overSocket.end).toMatchObject({ code: 1001 });
    expect(await overHttp.text()).toContain('event: complete');
    await eventually('the upstreams are closed', () => school.progress.live() === 0);
  });
});

describe('server-sent events', () => {
  async function subscribe(query: string, headers: Record<string, string> = {}) {
    const leave = new AbortController();
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      body: JSON.stringify({ query }),
      signal: leave.signal,
    });
    const abort = () => {
      leave.abort();
    };
    return { response, leave: abort };
  }

  test('carry a subscription, completed from the other subgraphs', async () => {
    const { response, leave } = await subscribe('subscription { progressUpdated { learner { name } } }');
    await eventually('it is open', () => school.progress.live() === 1);
    school.events.publish(progressOf('ada', 'algebra', 1));
    const reader = response.body!.getReader();
    const text = Buffer.from((await reader.read()).value).toString();
    expect(text).toBe('event: next\ndata: {"data":{"progressUpdated":{"learner":{"name":"Ada"}}}}\n\n');
    leave();
    await eventually('the upstream is closed', () => school.progress.live() === 0);
  });

  test('end with an error when the token expires', async () => {
    const { response } = await subscribe('subscription { progressUpdated { id } }', {
      authorization: 'Bearer ada:200',
    });
    const text = await response.text();
    expect(text).toContain('"code":"UNAUTHENTICATED"');
    expect(text.endsWith('event: complete\ndata:\n\n')).toBe(true);
  });

  test('that nobody reads any more, left while the token is verified, open nothing at the subgraph', async () => {
    const gate = createGate();
    const held = await startGateway(school.all, {
      verifier: { verify: async (token) => gate.passed.then(() => testVerifier.verify(token)) },
    });
    const before = school.progress.opened();
    const sockets: Socket[] = [];
    held.server.on('connection', (socket) => sockets.push(socket));
    const gone = subscribeAndReset(held.url);
    await eventually('the token is being verified', () => gate.waiting() === 1);
    gone();
    await eventually('the gateway knows that the client left', () => sockets[0]?.closed === true);
    const other = held.connect({ connectionParams: { token: 'ben' } });
    const watched = watch(other, 'subscription { progressUpdated { id } }');
    await eventually('another comes behind it', () => gate.waiting() === 2);
    gate.open();
    await eventually('the other is open', () => school.progress.opened() > before);
    school.events.publish(progressOf('ada', 'algebra', 1));
    await received(watched, 1);
    expect(school.progress.opened()).toBe(before + 1);
    await other.dispose();
    await held.stop();
  });

  test('carry the reasons of a refusal', async () => {
    const { response } = await subscribe('subscription { nonsense }');
    expect(await response.text()).toContain('GRAPHQL_VALIDATION_FAILED');
  });

  test('need a valid token, if any', async () => {
    const { response } = await subscribe('subscription { progressUpdated { id } }', {
      authorization: 'Bearer forged',
    });
    expect(response.status).toBe(401);
  });
});

/** Asks for a WebSocket where there is none, and resets the connection in answer to the refusal. */
async function upgradeAndReset(hostname: string, port: number): Promise<void> {
  const socket = connect({ host: hostname, port });
  socket.write(
    `GET /elsewhere HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.resetAndDestroy();
  await once(socket, 'close');
}

/** Asks for server-sent events over a connection of its own; the function it answers hangs up. */
function subscribeAndReset(url: string): () => void {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const body = JSON.stringify({ query: 'subscription { progressUpdated { id } }' });
  socket.on('error', () => undefined);
  socket.write(
    [
      'POST /graphql HTTP/1.1',
      `Host: ${hostname}`,
      'Content-Type: application/json',
      'Accept: text/event-stream',
      'Authorization: Bearer ada',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
  return () => {
    socket.destroy();
  };
}

/** Holds up whoever waits for it until it is opened. */
function createGate() {
  let waiting = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    get passed() {
      waiting += 1;
      return opened;
    },
    waiting: () => waiting,
    open: () => {
      open();
    },
  };
}
