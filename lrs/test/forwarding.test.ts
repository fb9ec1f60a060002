import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import { verbs } from '@lyceum/xapi';
import { createForwarder, startOddStore, type Forwarder, type OddStore } from './kit/forwarding.ts';
import { secret, startLrs, type Lrs } from './kit/lrs.ts';
import { statement, statements } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let source: Lrs;
let forwarder: Forwarder;
let odd: OddStore;
let organisationId: string;
let client: XapiClient;
const made: string[] = [];

beforeAll(async () => {
  source = await startLrs({ STORE_FORWARDING_ALLOW_PRIVATE: '1' });
  forwarder = await createForwarder(source.log);
}, 60_000);
beforeEach(async () => {
  odd = await startOddStore();
  organisationId = newId('org');
  client = await source.client(organisationId);
});
afterEach(async () => {
  for (const id of made.splice(0)) await forwarder.delete(id);
  await odd.stop();
});
afterAll(async () => {
  forwarder.stop();
  await source.stop();
});

async function forward(wanted: Partial<Parameters<Forwarder['forward']>[0]> = {}): Promise<string> {
  const id = await forwarder.forward({ organisationId, endpoint: odd.endpoint, ...wanted });
  if (wanted.id === undefined) made.push(id);
  return id;
}

async function store(sent: readonly Record<string, unknown>[]): Promise<string[]> {
  const { status } = await client.post(sent);
  expect(status).toBe(200);
  return sent.map(({ id }) => String(id));
}

const takes = (ids: readonly string[]) =>
  eventually(
    () => {
      expect(odd.taken).toEqual(ids);
    },
    { timeoutMs: 30_000 },
  );

test('what was there, and then what comes, is sent once and in order, without what a store adds itself', async () => {
  const before = await store(statements(5));
  const id = await forward();
  await takes(before);
  const after = await store(statements(3, { timestamp: '2026-11-28T10:00:00.10Z' }));
  await takes([...before, ...after]);
  const [first] = odd.requests;
  expect(first?.text).not.toMatch(/"stored"|"authority"|"version"/);
  expect(odd.requests.at(-1)?.text).toContain('"timestamp":"2026-11-28T10:00:00.10Z"');
  expect(first?.headers).toMatchObject({
    'x-experience-api-version': '1.0.3',
    authorization: `Basic ${Buffer.from(`key1:${secret}`).toString('base64')}`,
  });
  await forwarder.until(id, ({ sent, state }) => sent === 8 && state === 'RUNNING');
});

test('another organisation has nothing of it', async () => {
  const stranger = await source.client(newId('org'));
  await stranger.post(statements(3));
  const own = await store(statements(1));
  await forward();
  await takes(own);
});

test('only what the filter finds is sent', async () => {
  const other = statement({ verb: { id: verbs.experienced } });
  const activity = { id: 'http://example.org/activities/one' };
  const wanted = statement({ object: activity });
  await store([other, wanted, statement()]);
  await forward({
    filter: {
      verbs: [verbs.completed],
      activities: [activity.id],
      agents: ['account:http://lyceum.example|user_ada'],
    },
  });
  await takes([String(wanted['id'])]);
});

test('only new ones are sent where that is wanted, and others after a time', async () => {
  await store(statements(2));
  await source.ingested();
  await forward({ since: new Date().toISOString() });
  const after = await store(statements(2));
  await takes(after);
});

test('503 is waited out as long as Retry-After says, and nothing is lost', async () => {
  let refusals = 1;
  odd.behave(() => (refusals-- > 0 ? { status: 503, headers: { 'retry-after': '3' } } : undefined));
  const ids = await store(statements(4));
  const id = await forward();
  const waiting = await forwarder.until(id, ({ state }) => state === 'WAITING');
  expect(waiting.failure).toContain('503');
  expect(waiting.failingSince).toBeDefined();
  expect(Date.parse(waiting.waitingUntil ?? '')).toBeGreaterThan(Date.now() + 1_000);
  await takes(ids);
  const [first, second] = odd.requests;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2_900);
  const after = await forwarder.until(id, ({ state }) => state === 'RUNNING');
  expect(after).not.toHaveProperty('failure');
});

test('a connection that is cut is tried again', async () => {
  let cuts = 2;
  odd.behave((_ids, response) => {
    if (cuts-- <= 0) return undefined;
    response.destroy();
    return 'nothing';
  });
  const ids = await store(statements(4));
  await forward();
  await takes(ids);
});

test('a statement that is refused is found, told of with the words of the other store, and the others go on', async () => {
  const sent = statements(9);
  const [guilty, taken] = [String(sent[4]?.['id']), String(sent[7]?.['id'])];
  odd.behave((ids) => {
    if (ids.includes(guilty)) return { status: 400, text: 'actor ada@example.org\n is unknown' };
    return ids.includes(taken) ? { status: 409, text: 'another has it' } : undefined;
  });
  const ids = await store(sent);
  const id = await forward();
  await takes(ids.filter((each) => each !== guilty && each !== taken));
  await forwarder.until(id, (progress) => progress.refused === 2 && progress.sent === 7);
  expect(forwarder.refusals(id)).toMatchObject([
    { statementId: guilty, status: 400, reason: 'actor …@… is unknown' },
    { statementId: taken, status: 409, reason: 'another has it' },
  ]);
});

test('a credential that is refused stops it, and says so, until another is given', async () => {
  odd.behave(() => ({ status: 401, text: 'who are you' }));
  const ids = await store(statements(2));
  const id = await forward();
  const failing = await forwarder.until(id, ({ state }) => state === 'FAILING');
  expect(failing.failure).toContain('401');
  expect(failing).not.toHaveProperty('waitingUntil');
  odd.behave(() => undefined);
  await forward({ id, revision: 2, password: 'another' });
  await takes(ids);
  expect(odd.requests.filter(({ ids: each }) => each.length > 0)).toHaveLength(2);
  const authorization = `Basic ${Buffer.from('key1:another').toString('base64')}`;
  expect(odd.requests.at(-1)?.headers.authorization).toBe(authorization);
});

test('while it is paused nothing is sent, and afterwards all', async () => {
  const id = await forward();
  await forwarder.until(id, ({ state }) => state === 'RUNNING');
  await forward({ id, revision: 2, enabled: false });
  await forwarder.until(id, ({ state, setupRevision }) => state === 'PAUSED' && setupRevision === 2);
  const ids = await store(statements(3));
  await source.ingested();
  expect(odd.requests).toEqual([]);
  await forward({ id, revision: 3 });
  await takes(ids);
});

test('a version that the other store does not speak stops it, and no statement is given up', async () => {
  odd.behave(() => ({ status: 400, text: 'version' }));
  await store(statements(3));
  const id = await forward({ version: '2.0.0' });
  const failing = await forwarder.until(id, ({ state }) => state === 'FAILING');
  expect(failing).toMatchObject({ refused: 0, sent: 0 });
});
