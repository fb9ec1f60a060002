import { ApolloClient, gql, HttpLink, InMemoryCache, type ApolloLink } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client as Urql, fetchExchange, subscriptionExchange } from '@urql/core';
import type { Sink } from 'graphql-ws';
import { createClient as createSseClient } from 'graphql-sse';
import { eventually } from './kit/eventually.ts';
import { startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

/** What people really use, over its own transports. What each sends and expects is theirs to say, not ours. */
let school: School;
let gateway: TestGateway;
const subscription = 'subscription { progressUpdated { id percent learner { id name } } }';
const expected = { id: 'ada-algebra', percent: 50, learner: { id: 'ada', name: 'Ada' } };

beforeAll(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all);
});

afterAll(async () => {
  await gateway.stop();
  await school.stop();
});

afterEach(() => eventually('no subscription is left at the subgraph', () => school.progress.live() === 0));

const isLive = (count = 1) =>
  eventually(`${count} at the subgraph`, () => school.progress.live() === count, 5_000);

/** Publishes until the client has had an event: some say nowhere when they are ready. */
async function firstEvent<T>(results: readonly T[]): Promise<T> {
  await isLive();
  school.events.publish(progressOf('ada', 'algebra', 50));
  await eventually('the event', () => results.length > 0, 5_000);
  return results[0] as T;
}

describe('graphql-ws', () => {
  test('subscribes, and asks', async () => {
    const client = gateway.connect({ connectionParams: { authorization: 'Bearer ada' } });
    const watched = watch(client, subscription);
    expect(await firstEvent(watched.results)).toEqual({ data: { progressUpdated: expected } });
    const asked = watch(client, '{ whoami }');
    expect(await asked.end).toBe('complete');
    expect(asked.results).toEqual([{ data: { whoami: 'Bearer ada' } }]);
    await client.dispose();
  });

  test('comes back by itself when its token has expired, with a new one', async () => {
    let asked = 0;
    const client = gateway.connect({
      connectionParams: () => ({ token: (asked += 1) === 1 ? 'ada:300' : 'ada' }),
      retryAttempts: 5,
      retryWait: async () => undefined,
      shouldRetry: () => true,
    });
    const watched = watch(client, subscription);
    await eventually('it connected again', () => asked === 2, 5_000);
    expect(await firstEvent(watched.results)).toEqual({ data: { progressUpdated: expected } });
    await client.dispose();
  });
});

describe.each([
  ['distinct connections', false],
  ['single connection', true],
])('graphql-sse, %s', (_name, singleConnection) => {
  const connect = () =>
    createSseClient({
      url: gateway.url,
      singleConnection,
      headers: { authorization: 'Bearer ada' },
      retryAttempts: 0,
    });

  function start(client: ReturnType<typeof connect>, query: string) {
    const results: unknown[] = [];
    let leave: () => void = () => undefined;
    const end = new Promise<unknown>((resolve) => {
      leave = client.subscribe(
        { query },
        {
          next: (result) => results.push(result),
          error: resolve,
          complete: () => {
            resolve('complete');
          },
        },
      );
    });
    return { results, end, leave };
  }

  test('subscribes, and leaves', async () => {
    const client = connect();
    const one = start(client, subscription);
    expect(await firstEvent(one.results)).toEqual({ data: { progressUpdated: expected } });
    const other = start(client, 'subscription { progressBatch { percent } }');
    await isLive(2);
    one.leave();
    await isLive(1);
    other.leave();
    await isLive(0);
    client.dispose();
  });

  test('asks', async () => {
    const client = connect();
    const asked = start(client, '{ whoami }');
    expect(await asked.end).toBe('complete');
    expect(asked.results).toEqual([{ data: { whoami: 'Bearer ada' } }]);
    client.dispose();
  });

  test('is told of an error of its subgraph', async () => {
    const client = connect();
    const denied = start(client, 'subscription { forbidden { id } }');
    expect(await denied.end).toBe('complete');
    expect(denied.results).toMatchObject([{ errors: [{ extensions: { code: 'FORBIDDEN' } }] }]);
    client.dispose();
  });
});

describe('Apollo Client', () => {
  const overHttp = () => new HttpLink({ uri: gateway.url, headers: { authorization: 'Bearer ada' } });
  const apollo = (link: ApolloLink) => new ApolloClient({ link, cache: new InMemoryCache() });

  async function subscribed(client: ApolloClient) {
    const results: unknown[] = [];
    const open = client.subscribe({ query: gql(subscription) }).subscribe({
      next: (result) => results.push(result),
      error: (error: unknown) => results.push(error),
    });
    expect(await firstEvent(results)).toMatchObject({ data: { progressUpdated: expected } });
    open.unsubscribe();
    await isLive(0);
    client.stop();
  }

  test('asks and writes over HTTP, into its normalised cache', async () => {
    const client = apollo(overHttp());
    const query = gql`
      query ($id: ID!) {
        person(id: $id) {
          id
          name
        }
      }
    `;
    const { data } = await client.query({ query, variables: { id: 'ada' } });
    expect(data).toMatchObject({ person: { id: 'ada', name: 'Ada' } });
    const mutation = gql`
      mutation {
        rename(id: "ben", name: "Ben") {
          id
          name
        }
      }
    `;
    await client.mutate({ mutation });
    const cached = client.cache.extract() as Record<string, unknown>;
    expect(Object.keys(cached)).toEqual(expect.arrayContaining(['Person:ada', 'Person:ben']));
    client.stop();
  });

  test('subscribes in parts, over the same link', () => subscribed(apollo(overHttp())));

  test('is told in parts why a subscription is refused', async () => {
    const client = apollo(overHttp());
    const results: { error?: unknown }[] = [];
    client
      .subscribe({ query: gql('subscription { forbidden { id } }') })
      .subscribe({ next: (result) => results.push(result) });
    await eventually('the refusal', () => results.length > 0, 5_000);
    expect(results[0]).toMatchObject({ error: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } });
    client.stop();
  });

  test('is told in parts when its token has expired', async () => {
    const link = new HttpLink({ uri: gateway.url, headers: { authorization: 'Bearer ada:300' } });
    const client = apollo(link);
    const told: unknown[] = [];
    client.subscribe({ query: gql(subscription) }).subscribe({
      next: ({ error }) => told.push(error),
      error: (error: unknown) => told.push(error),
    });
    await eventually('the end', () => told.length > 0, 5_000);
    expect(told[0]).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    client.stop();
  });

  test('subscribes over a socket', async () => {
    const socket = gateway.connect({ connectionParams: { authorization: 'Bearer ada' } });
    await subscribed(apollo(new GraphQLWsLink(socket)));
    await socket.dispose();
  });
});

test('urql asks over HTTP and subscribes over a socket', async () => {
  const socket = gateway.connect({ connectionParams: { authorization: 'Bearer ada' } });
  const client = new Urql({
    url: gateway.url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: 'Bearer ada' } },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query: query ?? '', ...(variables ? { variables } : {}) },
              sink as Sink,
            ),
          }),
        }),
      }),
    ],
  });
  const asked = await client.query('{ whoami }', {}).toPromise();
  expect(asked.data).toEqual({ whoami: 'Bearer ada' });
  const results: { data?: unknown }[] = [];
  const open = client.subscription(subscription, {}).subscribe((result) => results.push(result));
  expect((await firstEvent(results)).data).toMatchObject({ progressUpdated: expected });
  open.unsubscribe();
  await isLive(0);
  await socket.dispose();
});

test('urql subscribes over server-sent events, through its own fetch exchange', async () => {
  const client = new Urql({
    url: gateway.url,
    preferGetMethod: false,
    fetchSubscriptions: true,
    exchanges: [fetchExchange],
  });
  const results: { data?: unknown }[] = [];
  const open = client.subscription(subscription, {}).subscribe((result) => results.push(result));
  expect((await firstEvent(results)).data).toMatchObject({ progressUpdated: expected });
  open.unsubscribe();
  await isLive(0);
});
