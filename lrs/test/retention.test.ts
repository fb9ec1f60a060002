import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verbs } from '@lyceum/xapi';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { appendStored } from './kit/old-statements.ts';
import { about, foundBy, voiding } from './kit/reading.ts';
import { statement, statements } from './kit/statements.ts';
import { createStoreAsker, type StoreAsker } from './kit/store-jobs.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let asker: StoreAsker;
let organisationId = '';
let client: XapiClient;
let made = 0;

beforeAll(async () => {
  lrs = await startLrs();
  asker = await createStoreAsker(lrs.log);
}, 60_000);
afterAll(async () => {
  asker.stop();
  await lrs.stop();
});

const before = '2026-01-01T00:00:00.000Z';
const old = '2025-12-20T10:30:00.000000Z';
const late = '2026-02-01T10:30:00.000000Z';

/** A new organisation whose statements were stored when they say. */
async function store(batch: readonly (readonly [Record<string, unknown>, string])[]): Promise<string> {
  made += 1;
  organisationId = `org_retention${String(made)}`;
  client = await lrs.client(organisationId);
  await appendStored(lrs, organisationId, batch);
  await lrs.ingested();
  return organisationId;
}

type Rules = Parameters<StoreAsker['ask']>[0]['rules'];

async function drop(rules: Rules = [{ before }]) {
  const job = await asker.ask({ kind: 'RETENTION', organisationId, rules });
  return asker.end(job);
}

const idOf = (each: Record<string, unknown>) => String(each['id']);
const read = (each: Record<string, unknown>) => client.get(`?statementId=${idOf(each)}`);

async function count(table: string, where = '1'): Promise<number> {
  const answer = await lrs.clickHouse.query({
    query: `SELECT count() FROM ${table} WHERE organisation = '${organisationId}' AND ${where}`,
    format: 'TabSeparated',
  });
  return Number(await answer.text());
}

async function sum(table: string): Promise<number> {
  const query = `SELECT sum(statements) FROM ${table} WHERE organisation = '${organisationId}'`;
  return Number(await (await lrs.clickHouse.query({ query, format: 'TabSeparated' })).text());
}

describe('a retention', () => {
  test('drops what was stored before its instant, to the microsecond, and of no other organisation', async () => {
    const [a, b, c] = [statement(), statement(), statement()];
    const foreign = await store([[statement(), old]]);
    await store([
      [a, old],
      [b, '2025-12-31T23:59:59.999999Z'],
      [c, '2026-01-01T00:00:00.000000Z'],
    ]);
    expect(await drop()).toMatchObject({ state: 'DONE', total: 2, done: 2, written: 2 });
    expect([(await read(a)).status, (await read(b)).status, (await read(c)).status]).toEqual([404, 404, 200]);
    expect(await foundBy(client, '')).toEqual([idOf(c)]);
    expect(await lrs.count(`organisation = '${foreign}'`)).toBe(1);
    expect(await lrs.count(`organisation = '${organisationId}'`)).toBe(1);
  });

  test('is narrowed to a verb and an activity, each rule by itself', async () => {
    const [failed, there] = [{ id: verbs.failed }, { id: 'http://a.example/1' }];
    const batch = [statement({ verb: failed }), statement({ object: there }), statement()];
    await store(batch.map((each) => [each, old] as const));
    const rules = [
      { before, verb: verbs.failed },
      { before, activity: 'http://a.example/1' },
      { before: '2025-01-01T00:00:00.000Z' },
    ];
    expect(await drop(rules)).toMatchObject({ state: 'DONE', written: 2 });
    expect(await foundBy(client, '')).toEqual([idOf(batch[2]!)]);
    // All were stored at one instant: what leads to it leads to the one that is left.
    expect(
      await foundBy(client, `?activity=${idOf(batch[2]!['object'] as Record<string, unknown>)}`),
    ).toHaveLength(1);
  });

  test('that would reach what is being taken in fails, and drops nothing', async () => {
    const kept = statement();
    await store([[kept, old]]);
    const rules = [{ before: new Date(Date.now() - 60_000).toISOString() }];
    expect(await drop(rules)).toMatchObject({ state: 'FAILED', written: 0, failure: expect.any(String) });
    expect((await read(kept)).status).toBe(200);
  });

  test('leaves the id taken: the same statement again is known, a different one a conflict', async () => {
    const [plain, timed] = [statement(), statement({ timestamp: '2025-12-20T10:00:00.123456789Z' })];
    await store([
      [plain, old],
      [timed, old],
    ]);
    await drop();
    for (const each of [plain, timed]) {
      expect((await client.post(each)).status).toBe(200);
      const path = `/xapi/statements?statementId=${idOf(each)}`;
      expect((await client.send('PUT', path, { body: JSON.stringify(each) })).status).toBe(204);
      const answer = await client.post({ ...each, result: { success: true } });
      expect([answer.status, answer.body.error.code]).toEqual([409, 'STATEMENT_CONFLICT']);
    }
    expect((await client.post({ ...timed, timestamp: '2025-12-21T10:00:00Z' })).status).toBe(409);
    const batch = await client.post([...statements(2), plain]);
    expect(batch.status).toBe(200);
    await lrs.ingested();
    expect([await count('statements'), (await read(plain)).status]).toEqual([2, 404]);
  });

  test('takes what leads to a statement, and what leads from it; what refers to it later waits for nothing', async () => {
    const target = statement({ object: { id: 'http://a.example/target' } });
    const [kept, gone] = [about(idOf(target)), about(idOf(target))];
    const waits = about('5b0ccf10-7b1a-4c8b-9c6a-6a3d3c0f8a11');
    await store([
      [target, old],
      [gone, old],
      [waits, old],
      [kept, late],
    ]);
    expect(await count('statement_references')).toBe(2);
    expect(await foundBy(client, '?activity=http://a.example/target')).toHaveLength(3);
    await drop();
    expect([await count('statement_references'), await count('waiting_references')]).toEqual([0, 0]);
    expect(await foundBy(client, '?activity=http://a.example/target')).toEqual([]);
    expect((await client.post(about(idOf(target)))).status).toBe(200);
    await lrs.ingested();
    expect([await count('statement_references'), await count('waiting_references')]).toEqual([0, 0]);
  });

  test('forgets what people were called whom no statement names any more', async () => {
    const named = (name: string, to = name) => ({ name, mbox: `mailto:${to}@example.org` });
    await store([
      [statement({ actor: named('Ada'), context: { instructor: named('Cy') } }), old],
      [statement({ actor: named('Bo') }), old],
      [statement({ actor: { mbox: 'mailto:Bo@example.org' } }), late],
      [statement({ object: { objectType: 'Agent', ...named('Di') } }), late],
    ]);
    const names = async () => {
      const query = `SELECT name FROM agent_names WHERE organisation = '${organisationId}' ORDER BY name`;
      return (await (await lrs.clickHouse.query({ query, format: 'TabSeparated' })).text()).split('\n');
    };
    expect(await names()).toEqual(['Ada', 'Bo', 'Cy', 'Di', '']);
    await drop();
    expect(await names()).toEqual(['Bo', 'Di', '']);
  });

  test('that drops a voiding statement brings back nothing that it voided; what is voided goes with its note', async () => {
    const [stays, goes] = [statement(), statement()];
    const [first, second] = [voiding(idOf(stays)), voiding(idOf(goes))];
    await store([
      [goes, old],
      [first, old],
      [second, late],
      [stays, late],
    ]);
    expect(await drop()).toMatchObject({ written: 2 });
    expect((await read(stays)).status).toBe(404);
    expect((await client.get(`?voidedStatementId=${idOf(stays)}`)).status).toBe(200);
    expect((await client.get(`?voidedStatementId=${idOf(goes)}`)).status).toBe(404);
    expect(await count('voids')).toBe(1);
    expect(await foundBy(client, '')).toEqual([idOf(second)]);
  });

  test('takes persons out of the counts of actors, and leaves counts that name nobody', async () => {
    const hour = '2025-12-31T23:10:00.000000Z';
    await store([
      [statement({ actor: { mbox: 'mailto:ada@example.org' } }), old],
      [statement({ actor: { mbox: 'mailto:ada@example.org' } }), hour],
      [statement({ actor: { mbox: 'mailto:bo@example.org' } }), '2025-12-31T23:50:00.000000Z'],
    ]);
    await drop([{ before: '2025-12-31T23:30:00.000Z' }]);
    const query = `SELECT actor, sum(statements) FROM actor_hours WHERE organisation = '${organisationId}' GROUP BY actor`;
    const answer = await lrs.clickHouse.query({ query, format: 'JSONCompactEachRow' });
    expect(await answer.json()).toEqual([['mailto:bo@example.org', 1]]);
    expect([await sum('verb_minutes'), await sum('activity_hours')]).toEqual([3, 3]);
    // Of the last: who, their credential, and the activity.
    expect(await count('statement_keys')).toBe(3);
  });
});
