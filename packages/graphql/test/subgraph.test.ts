import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SlowSubscriberError } from '@lyceum/events';
import {
  createLogger,
  createMetrics,
  createTokenVerifier,
  invalid,
  listen,
  newId,
  type HttpServer,
} from '@lyceum/service';
import {
  createTestIssuer,
  eventually,
  graphqlClient,
  subscribe,
  temporaryDirectory,
  type TestIssuer,
  type TokenClaims,
} from '@lyceum/testing';
import { WebSocket } from 'ws';
import { allow, can, createSubgraph, payload } from '../src/index.ts';

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  scalar DateTime
  type Thing @key(fields: "id") { id: ID! name: String! }
  type UserError { field: [String!] message: String! code: String! }
  type Payload { thing: Thing userErrors: [UserError!]! }
  type Query { open: String forgotten: String secret: String broken: String echo(at: DateTime!): DateTime! }
  type Mutation { make(name: String!): Payload! }
  type Subscription { ticks: Int forAdmins: Int breaking: Int slow: Int silent: Int }
`;

async function* count() {
  for (let tick = 1; tick <= 3; tick += 1) yield tick;
}
async function* breaking() {
  yield { breaking: 1 };
  throw new Error('the password of the database is hunter2');
}
const slow = async function* () {
  yield { slow: 1 };
  throw new SlowSubscriberError(1);
};
/** Has begun, and never has anything to say. */
const silent = () => ({
  next: () => new Promise<never>(() => undefined),
  return: () => Promise.resolve({ done: true as const, value: undefined }),
  [Symbol.asyncIterator]() {
    return this;
  },
});
async function* named(field: string) {
  for await (const tick of count()) yield { [field]: tick };
}

const resolvers = {
  Query: {
    open: () => 'open',
    forgotten: () => 'nobody wrote a rule for this',
    secret: () => 'secret',
    broken: () => {
      throw new Error('the password of the database is hunter2');
    },
    echo: (_parent: unknown, { at }: { at: Date }) => at,
  },
  Mutation: {
    make: (_parent: unknown, { name }: { name: string }) =>
      payload(async () => {
        if (name === '') throw invalid(['name'], 'The name is empty.');
        if (name === 'bug') throw new Error('a bug');
        return { thing: { id: '1', name } };
      }),
  },
  Subscription: {
    ticks: { subscribe: () => named('ticks') },
    forAdmins: { subscribe: () => named('forAdmins') },
    breaking: { subscribe: breaking },
    slow: { subscribe: slow },
    silent: { subscribe: silent },
  },
  Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `thing ${id}` }) },
};

let issuer: TestIssuer;
let server: HttpServer;
let url: string;

async function start(production: boolean, jwksUrl = issuer.jwksUrl): Promise<HttpServer> {
  const schemaFile = join(temporaryDirectory(), 'schema.graphql');
  writeFileSync(schemaFile, typeDefs);
  return createSubgraph({
    schemaFile,
    resolvers,
    permissions: {
      Query: { open: allow, secret: can('user.create'), broken: allow, echo: allow },
      Mutation: { make: can('course.read') },
      Subscription: {
        ticks: can('course.read'),
        forAdmins: can('user.create'),
        breaking: can('course.read'),
        slow: can('course.read'),
        silent: can('course.read'),
      },
    },
    context: (request) => request,
    verifier: createTokenVerifier({ jwksUrl, issuer: issuer.issuer, audience: 'lyceum' }),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
    checks: [],
    production,
  });
}

beforeAll(async () => {
  issuer = await createTestIssuer();
  server = await start(true);
  url = await listen(server, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  await issuer.close();
});

describe('permissions', () => {
  test('a field that no rule names is closed', async () => {
    const { errors } = await graphqlClient(url)('{ forgotten }');
    expect(errors).toHaveLength(1);
  });

  test('a missing permission is named, and an open field beside it is answered', async () => {
    const { data, errors } = await graphqlClient(url, await issuer.tokenFor())('{ open secret }');
    expect(data).toEqual({ open: 'open', secret: null });
    expect(errors).toMatchObject([
      {
        path: ['secret'],
        message: 'This needs the permission user.create.',
        extensions: { code: 'FORBIDDEN', missing: 'user.create' },
      },
    ]);
  });

  test('an expired token is said to be so', async () => {
    const { status, errors } = await graphqlClient(url, await issuer.tokenFor({ seconds: -1 }))('{ open }');
    expect(status).toBe(401);
    expect(errors).toMatchObject([
      { message: 'The access token has expired.', extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });

  test('hold for subscriptions before the first event', async () => {
    const ticks = subscribe(url, 'subscription { forAdmins }', { token: await issuer.tokenFor() });
    expect(await ticks.next()).toMatchObject({ data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    await expect(ticks.next()).rejects.toThrow('The subscription has ended.');
    await ticks.close();
  });
});

test('a subscription delivers its events in order', async () => {
  const ticks = subscribe<{ ticks: number }>(url, 'subscription { ticks }', {
    token: await issuer.tokenFor(),
  });
  const seen = [await ticks.next(), await ticks.next(), await ticks.next()].map(({ data }) => data.ticks);
  expect(seen).toEqual([1, 2, 3]);
  await ticks.close();
});

describe('a subscription that ends in an error', () => {
  const errorsOf = async (field: string) => {
    const events = subscribe(url, `subscription { ${field} }`, { token: await issuer.tokenFor() });
    expect(await events.next()).toEqual({ data: { [field]: 1 } });
    const ended = await events.next().catch((error: unknown) => error);
    await events.close();
    return ended;
  };

  test('of ours says an id, and nothing of what broke', async () => {
    const ended = await errorsOf('breaking');
    expect(ended).toMatchObject([
      {
        message: expect.stringMatching(/^Something went wrong on our side \(error [0-9a-f-]{36}\)\.$/),
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    ]);
    expect(JSON.stringify(ended)).not.toContain('hunter2');
  });

  test('because the subscriber is too slow says so', async () => {
    expect(await errorsOf('slow')).toMatchObject([
      { message: expect.stringContaining('subscribe anew'), extensions: { code: 'SLOW_SUBSCRIBER' } },
    ]);
  });
});

describe('a socket', () => {
  const open = async (seconds: number, claims: TokenClaims = {}) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const messages: { type: string; id?: string; payload?: unknown }[] = [];
    socket.on('message', (text: Buffer) =>
      messages.push(JSON.parse(text.toString()) as (typeof messages)[0]),
    );
    const closed = once(socket, 'close').then(([code, reason]: unknown[]) => ({
      code,
      reason: String(reason),
    }));
    await once(socket, 'open');
    const send = (message: object) => {
      socket.send(JSON.stringify(message));
    };
    const token = await issuer.tokenFor({ ...claims, seconds });
    send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    const answered = (expected: object) =>
      eventually(() => {
        expect(messages).toContainEqual(expect.objectContaining(expected));
      });
    await answered({ type: 'connection_ack' });
    return { socket, send, answered, closed };
  };

  test('is closed when its token has expired, and opens no subscription from then on', async () => {
    const expiresAt = Date.now() + 1_000;
    const { send, answered, closed } = await open(1);
    send({ id: '1', type: 'subscribe', payload: { query: 'subscription { silent }' } });
    await eventually(() => {
      expect(Date.now()).toBeGreaterThan(expiresAt + 100);
    });
    send({ id: '2', type: 'subscribe', payload: { query: 'subscription { ticks }' } });
    const errors = [expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } })];
    await answered({ type: 'next', id: '2', payload: { data: null, errors } });
    expect(await closed).toEqual({ code: 4403, reason: 'The access token has expired.' });
  });

  test('lasts as long as a new token of the same session that is shown with a ping', async () => {
    const claims = { userId: newId('user'), organisationId: newId('org'), sessionId: newId('session') };
    const { socket, send, answered } = await open(1, claims);
    send({ id: '1', type: 'subscribe', payload: { query: 'subscription { silent }' } });
    const authorization = `Bearer ${await issuer.tokenFor(claims)}`;
    send({ type: 'ping', payload: { authorization } });
    await answered({ type: 'pong' });
    const other = await open(1);
    expect((await other.closed).code).toBe(4403);
    send({ id: '2', type: 'subscribe', payload: { query: 'subscription { ticks }' } });
    await answered({ type: 'next', id: '2', payload: { data: { ticks: 1 } } });
    socket.close();
  });

  test.each<[string, TokenClaims]>([
    ['another session', { sessionId: newId('session') }],
    ['another user', { userId: newId('user') }],
    ['another organisation', { organisationId: newId('org') }],
    ['other rights', { roles: ['ADMIN'] }],
  ])('ends with its own token where one of %s is shown', async (_name, others) => {
    const claims = { userId: newId('user'), organisationId: newId('org'), sessionId: newId('session') };
    const { send, answered, closed } = await open(1, claims);
    const authorization = `Bearer ${await issuer.tokenFor({ ...claims, ...others })}`;
    send({ type: 'ping', payload: { authorization } });
    await answered({ type: 'pong' });
    send({ id: '1', type: 'subscribe', payload: { query: 'subscription { forAdmins }' } });
    await answered({ id: '1', payload: expect.objectContaining({ errors: expect.anything() }) });
    expect((await closed).code).toBe(4403);
  });

  test('is closed for now, and HTTP answers 503, while the keys that verify tokens cannot be had', async () => {
    const other = await start(true, 'http://127.0.0.1:1/jwks.json');
    const address = await listen(other, { host: '127.0.0.1', port: 0 });
    const token = await issuer.tokenFor();
    const { status, errors } = await graphqlClient(address, token)('{ open }');
    expect({ status, errors }).toMatchObject({
      status: 503,
      errors: [{ extensions: { code: 'UNAVAILABLE' } }],
    });
    const socket = new WebSocket(`${address.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const closed = once(socket, 'close');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    expect((await closed)[0]).toBe(1013);
    await other.close();
  });

  test('runs no queries and no mutations', async () => {
    const { socket, send, answered } = await open(60);
    send({ id: '1', type: 'subscribe', payload: { query: '{ open }' } });
    const errors = [expect.objectContaining({ extensions: { code: 'BAD_REQUEST' } })];
    await answered({ type: 'next', id: '1', payload: { data: null, errors } });
    socket.close();
  });

  test('whose client answers no more does not hold up the end of the server', async () => {
    const other = await start(true);
    const address = await listen(other, { host: '127.0.0.1', port: 0 });
    const client = connect(Number(new URL(address).port), '127.0.0.1');
    client.write(
      'GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n' +
        'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    );
    await once(client, 'data');
    const ended = once(client, 'close');
    client.on('error', () => undefined).resume();
    await other.close();
    await ended;
  }, 15_000);
});

test('entities are resolved through the schema that permissions wrap', async () => {
  const { data } = await graphqlClient(url)(
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Thing { name } } }',
    { of: [{ __typename: 'Thing', id: '7' }] },
  );
  expect(data).toEqual({ _entities: [{ name: 'thing 7' }] });
});

describe('errors', () => {
  test('a fault of ours is masked in production, with an id to find it in the logs', async () => {
    const { errors } = await graphqlClient(url)('{ broken }');
    expect(errors?.[0]?.message).toMatch(/^Something went wrong on our side \(error [0-9a-f-]{36}\)\.$/);
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });

  test('an expected failure of a mutation is a user error; a bug is not', async () => {
    const client = graphqlClient(url, await issuer.tokenFor());
    const make =
      'mutation ($name: String!) { make(name: $name) { thing { name } userErrors { field message code } } }';
    expect((await client(make, { name: '' })).data).toEqual({
      make: {
        thing: null,
        userErrors: [{ field: ['name'], message: 'The name is empty.', code: 'INVALID' }],
      },
    });
    expect((await client(make, { name: 'bug' })).errors).toMatchObject([
      { extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
  });

  test.each(['yesterday', '2026-11-21', '2026-13-01T00:00:00Z', 7])('%p is no DateTime', async (at) => {
    const { status, errors } = await graphqlClient(url)('query ($at: DateTime!) { echo(at: $at) }', { at });
    expect(status).toBe(400);
    expect(errors?.[0]?.message).toContain('Not a DateTime');
  });
});

test('a form that another site posts is refused', async () => {
  const response = await fetch(`${url}/graphql?query={open}`, { headers: { 'content-type': 'text/plain' } });
  expect(response.status).toBe(400);
});

test('health and metrics are served beside the graph', async () => {
  const ready = await fetch(`${url}/health/ready`);
  expect(ready.status).toBe(200);
  const metrics = await fetch(`${url}/metrics`);
  expect(await metrics.text()).toContain('process_resident_memory_bytes');
});
