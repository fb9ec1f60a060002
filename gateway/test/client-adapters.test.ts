import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { LyceumClient } from '@lyceum/client';
import { createLyceumApolloClient } from '@lyceum/client/apollo';
import { lyceumExchanges } from '@lyceum/client/urql';
import { Client as Urql } from '@urql/core';
import { eventually } from './kit/eventually.ts';
import { createFrontend, operation } from './kit/frontend.ts';
import { startGateway, type TestGateway } from './kit/gateway.ts';
import { startLogin, type Login } from './kit/login.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

// Apollo Client and urql over @lyceum/client, and that over a real gateway.

let login: Login;
let school: School;
let gateway: TestGateway;
let client: LyceumClient;

interface Progress {
  readonly id: string;
  readonly percent: number;
}

const me = operation<{ me: string | null }>('query Me { me }');
const list = operation<{ progress: Progress[] }>('query List { progress { id percent } }');
const rename = operation<{ rename: { name: string } }>(
  'mutation Rename { rename(id: "ben", name: "x") { id name } }',
);
const updated = operation<{ progressUpdated: Progress }>(
  'subscription Updated { progressUpdated { id percent } }',
);
const forbidden = operation<object>('subscription Forbidden { forbidden { id } }');

const start = (at = 0) => startGateway([login.subgraph, ...school.all], {}, at);

beforeAll(async () => {
  [login, school] = await Promise.all([startLogin(), startSchool()]);
  gateway = await start();
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([login.subgraph.stop(), school.stop()]);
});

beforeEach(async () => {
  client = createFrontend(gateway.url);
  await client.session.logIn({ email: 'ada', password: 'lyceum-demo' });
  school.progress.received.length = 0;
});

afterEach(async () => {
  client.close();
  await eventually('no subscription is left', () => school.progress.live() === 0);
});

const isLive = (count = 1) => eventually(`${count} at the subgraph`, () => school.progress.live() === count);
const asked = () => school.progress.received.length;

async function restartGateway(): Promise<void> {
  const at = Number(new URL(gateway.origin).port);
  await gateway.stop();
  gateway = await start(at);
}

describe('Apollo Client', () => {
  test('asks and writes with the session of the client', async () => {
    const apollo = createLyceumApolloClient(client);
    expect((await apollo.query({ query: me })).data).toEqual({ me: 'ada' });
    const { data } = await apollo.mutate({ mutation: rename });
    expect(data).toMatchObject({ rename: { name: 'Ben' } });
    apollo.stop();
  });

  test('shows what a subscription tells where it was asked for: it is the same object', async () => {
    const apollo = createLyceumApolloClient(client);
    const shown: number[] = [];
    const watching = apollo.watchQuery({ query: list }).subscribe(({ data }) => {
      const first = data?.progress?.[0]?.percent;
      if (first !== undefined) shown.push(first);
    });
    const living = apollo.subscribe({ query: updated }).subscribe({});
    await eventually('the list', () => shown.length > 0);
    await isLive();
    school.events.publish(progressOf('ada', 'algebra', 77));
    await eventually('the new percentage', () => shown.at(-1) === 77);
    expect(asked()).toBe(1);
    watching.unsubscribe();
    living.unsubscribe();
    await isLive(0);
    apollo.stop();
  });

  test('asks anew for what is on the page when something may have been missed', async () => {
    const apollo = createLyceumApolloClient(client);
    const watching = apollo.watchQuery({ query: list }).subscribe({});
    const living = apollo.subscribe({ query: updated }).subscribe({});
    await eventually('the list', () => asked() === 1);
    await isLive();
    await restartGateway();
    await eventually('it was asked again', () => asked() === 2);
    watching.unsubscribe();
    living.unsubscribe();
    apollo.stop();
  });

  test('is told why a subscription is refused', async () => {
    const apollo = createLyceumApolloClient(client);
    const told: unknown[] = [];
    apollo.subscribe({ query: forbidden }).subscribe({
      next: ({ error }) => told.push(error),
      error: (error: unknown) => told.push(error),
    });
    await eventually('the refusal', () => told.length > 0);
    expect(told[0]).toMatchObject({ code: 'FORBIDDEN' });
    apollo.stop();
  });

  test('shows nothing of one person to the next', async () => {
    const apollo = createLyceumApolloClient(client);
    const names: unknown[] = [];
    const watching = apollo.watchQuery({ query: me }).subscribe(({ data }) => names.push(data?.me));
    await eventually('the first', () => names.at(-1) === 'ada');
    await client.session.logIn({ email: 'ben', password: 'lyceum-demo' });
    await eventually('the second', () => names.at(-1) === 'ben');
    watching.unsubscribe();
    apollo.stop();
  });
});

describe('urql', () => {
  const urql = () =>
    new Urql({ url: gateway.url, preferGetMethod: false, exchanges: lyceumExchanges(client) });

  test('asks and writes with the session of the client', async () => {
    const asking = urql();
    expect((await asking.query(me, {}).toPromise()).data).toEqual({ me: 'ada' });
    const { data } = await asking.mutation(rename, {}).toPromise();
    expect(data).toMatchObject({ rename: { name: 'Ben' } });
  });

  test('shows what a subscription tells where it was asked for: it is the same object', async () => {
    const asking = urql();
    const shown: number[] = [];
    const watching = asking.query(list, {}).subscribe(({ data }) => {
      const first = data?.progress[0]?.percent;
      if (first !== undefined) shown.push(first);
    });
    const living = asking.subscription(updated, {}).subscribe(() => undefined);
    await eventually('the list', () => shown.length > 0);
    await isLive();
    school.events.publish(progressOf('ada', 'algebra', 66));
    await eventually('the new percentage', () => shown.at(-1) === 66);
    expect(asked()).toBe(1);
    watching.unsubscribe();
    living.unsubscribe();
    await isLive(0);
  });

  test('asks anew for what is on the page when something may have been missed', async () => {
    const asking = urql();
    const watching = asking.query(list, {}).subscribe(() => undefined);
    const living = asking.subscription(updated, {}).subscribe(() => undefined);
    await eventually('the list', () => asked() === 1);
    await isLive();
    await restartGateway();
    await eventually('it was asked again', () => asked() === 2);
    watching.unsubscribe();
    living.unsubscribe();
  });

  test('is told why a subscription is refused', async () => {
    const told: unknown[] = [];
    const living = urql()
      .subscription(forbidden, {})
      .subscribe(({ error }) => told.push(error?.networkError));
    await eventually('the refusal', () => told.length > 0);
    expect(told[0]).toMatchObject({ code: 'FORBIDDEN' });
    living.unsubscribe();
  });
});
