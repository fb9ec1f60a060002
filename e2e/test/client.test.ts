import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CourseInFullDocument,
  createLyceumClient,
  memoryStorage,
  SessionEnded,
  StatementReceivedDocument,
  WhoAmIDocument,
  type LyceumClient,
  type LyceumClientOptions,
} from '@lyceum/client';
import { createSystem, eventually, type System } from '@lyceum/testing';
import { WebSocket } from 'ws';
import { watchCatalogue as watchWithApollo } from '../../packages/client/examples/apollo-catalogue.ts';
import { followACourse } from '../../packages/client/examples/follow-a-course.ts';
import { showRecords } from '../../packages/client/examples/live-records.ts';
import { watchCatalogue as watchWithUrql } from '../../packages/client/examples/urql-catalogue.ts';
import { demoSecret } from './kit/people.ts';
import { completion, postStatements } from './kit/records.ts';

// @lyceum/client and its examples as frontends use them, over the whole system.

let system: System;
const open: LyceumClient[] = [];
const patient = { timeoutMs: 60_000 };

beforeAll(async () => {
  // As short as identity allows, so that sockets outlive their first token.
  system = createSystem({ env: { ACCESS_TOKEN_SECONDS: '60' } });
  await system.start();
}, 120_000);

afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

afterAll(() => system.delete(), 30_000);

function frontend(options: Partial<LyceumClientOptions> = {}): LyceumClient {
  const client = createLyceumClient({
    url: `${system.url('gateway')}/graphql`,
    webSocket: WebSocket,
    storage: memoryStorage(),
    longestPauseMs: 1_000,
    ...options,
  });
  open.push(client);
  return client;
}

async function loggedIn(name: string, options: Partial<LyceumClientOptions> = {}): Promise<LyceumClient> {
  const client = frontend(options);
  const login = await client.session.logIn({ email: `${name}@lyceum.example`, password: demoSecret });
  expect(login.outcome).toBe('tokens');
  return client;
}

const about = (name: string) => ({
  id: crypto.randomUUID(),
  actor: { account: { homePage: 'https://example.org', name: 'tool' } },
  verb: { id: 'https://example.org/used', display: { en: 'used' } },
  object: { id: 'https://example.org/thing', definition: { name: { en: name } } },
});

async function post(count: number, name = 'a thing'): Promise<string[]> {
  const statements = Array.from({ length: count }, () => about(name));
  const response = await postStatements(system, statements);
  expect(response.status).toBe(200);
  return statements.map(({ id }) => id);
}

/** Posts until something arrives, which shows that what follows will. */
async function untilLive(seen: readonly unknown[]): Promise<void> {
  await eventually(
    async () => {
      await post(1, 'the first');
      expect(seen.length).toBeGreaterThan(0);
    },
    { ...patient, pauseMs: 100 },
  );
}

const processOf = (name: string) => system.state().processes.find((process) => process.name === name)!;

/** kill -9; resolves when it has been started again. */
async function killed(name: string, meanwhile: () => Promise<void>): Promise<void> {
  const { pid, restarts } = processOf(name);
  process.kill(pid!, 'SIGKILL');
  await meanwhile();
  await eventually(() => {
    expect(processOf(name)).toMatchObject({ restarts: restarts + 1, status: 'ready' });
  }, patient);
}

describe('live records, as the example shows them', () => {
  async function watching(options: Partial<LyceumClientOptions> = {}) {
    const client = await loggedIn('instructor', options);
    const ids: string[] = [];
    const lines: string[] = [];
    const reasons: string[] = [];
    const offline: boolean[] = [];
    const ends: Error[] = [];
    const leave = showRecords(client, {
      append: (line, id) => {
        lines.push(line);
        ids.push(id);
      },
      reload: (why) => reasons.push(why),
      sayOffline: (is) => offline.push(is),
      end: (why) => ends.push(why),
    });
    await untilLive(ids);
    return { client, ids, lines, reasons, offline, ends, leave };
  }

  /** Of those that were posted, each once. */
  const times = (ids: readonly string[], posted: readonly string[]) =>
    posted.map((id) => ids.filter((each) => each === id).length);

  test.each(['gateway', 'subgraphs'])(
    'miss nothing and tell nothing twice when %s is killed',
    async (name) => {
      const page = await watching();
      const posted = await post(5, 'before');
      await killed(name, async () => {
        posted.push(...(await post(5, 'meanwhile')));
      });
      posted.push(...(await post(5, 'after')));
      await eventually(() => {
        expect(page.ends).toEqual([]);
        expect(times(page.ids, posted)).toEqual(posted.map(() => 1));
      }, patient);
      expect(page.lines.at(-1)).toContain('after');
      expect(page.reasons).toEqual([]);
      if (name === 'gateway') expect(page.offline).toContain(true);
      page.leave();
    },
    180_000,
  );

  test('go on over the end of a token, on the same socket', async () => {
    // Renewed whenever less than 57 of the 60 seconds are left.
    const page = await watching({ renewalMarginMs: 57_000 });
    const shown = new Set([page.client.session.current()?.accessToken]);
    await eventually(() => {
      shown.add(page.client.session.current()?.accessToken);
      expect(shown.size).toBeGreaterThan(2);
    }, patient);
    const posted = await post(3);
    await eventually(() => {
      expect(times(page.ids, posted)).toEqual([1, 1, 1]);
    }, patient);
    expect(page.offline.includes(true)).toBe(false);
    page.leave();
  }, 120_000);
});

describe('a course, as the example follows it', () => {
  test('is enrolled in once, and its progress arrives', async () => {
    const client = frontend();
    const seen: number[] = [];
    const account = { email: 'learner@lyceum.example', password: demoSecret };
    const { course, enrolment, leave } = await followACourse(client, account, ({ percent }) =>
      seen.push(percent),
    );
    expect(enrolment?.status).toBe('ACTIVE');
    const { viewer } = await client.ask(WhoAmIDocument, {});
    const { course: full } = await client.ask(CourseInFullDocument, { id: course.id });
    const item = full!.modules.flatMap(({ items }) => items).find(({ required }) => required)!;
    await postStatements(system, completion(system, viewer!.user.id, item.id));
    await eventually(() => {
      expect(seen.at(-1)).toBeGreaterThan(0);
    }, patient);
    leave();
    const again = await followACourse(client, account, () => undefined);
    expect(again.userErrors).toEqual([]);
    again.leave();
  }, 120_000);
});

describe('the catalogue in pages, as the examples show it', () => {
  test('grows in the cache of Apollo Client, each course once', async () => {
    const shown: (readonly string[])[] = [];
    const page = watchWithApollo(await loggedIn('learner'), (titles) => shown.push(titles));
    await eventually(() => {
      expect(shown.at(-1)).toHaveLength(1);
    }, patient);
    while (await page.more());
    await eventually(() => {
      expect(shown.at(-1)!.length).toBeGreaterThan(2);
    }, patient);
    expect(new Set(shown.at(-1)).size).toBe(shown.at(-1)!.length);
    page.leave();
  }, 60_000);

  test('grows in Graphcache of urql, each course once', async () => {
    const shown: (readonly string[])[] = [];
    const page = watchWithUrql(await loggedIn('learner'), (titles) => shown.push(titles));
    await page.first();
    while (await page.more());
    const titles = shown.at(-1)!;
    expect(titles.length).toBeGreaterThan(2);
    expect(new Set(titles).size).toBe(titles.length);
  }, 60_000);
});

test('logging out everywhere ends what another browser shows', async () => {
  const here = await loggedIn('author');
  const there = await loggedIn('author');
  const end = new Promise<Error>((resolve) => {
    there.subscribe(StatementReceivedDocument, {}, { next: () => undefined, error: resolve });
  });
  await eventually(() => {
    expect(there.connection.current().status).toBe('connected');
  }, patient);
  expect(await here.session.logOutEverywhere()).toBeGreaterThan(1);
  expect(await end).toBeInstanceOf(SessionEnded);
  expect(there.session.state.current()).toEqual({ status: 'ended' });
}, 60_000);
