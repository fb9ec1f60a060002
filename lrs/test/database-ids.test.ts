import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AppendRecord } from '@lyceum/events';
import { openDatabase } from '@lyceum/postgres';
import { workspaceFile } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import { createOwnStatementWriter, uuidV7, type Statement } from '@lyceum/xapi';
import { createDatabaseIds, type DatabaseIdsOptions } from '../src/ids/database-ids.ts';
import { pagesOf } from '../src/ids/fill-ids.ts';
import { createSelectDropped } from '../src/ids/dropped-statements.ts';
import { createIngestedDatabaseIds, type IngestedIds } from '../src/ids/ingested-ids.ts';
import { LostClaimError, type IdClaim, type StatementIds } from '../src/ids/statement-ids.ts';
import { createWithoutErased } from '../src/ids/without-erased.ts';
import { prepareClickHouse } from '../src/ingest/prepare-clickhouse.ts';
import { createSelectByIds } from '../src/query/statements-by-id.ts';
import { createStatementDigests } from '../src/retention/statement-digests.ts';
import { claimWrites } from '../src/store/claim-writes.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore, type Database } from '../src/store/store.ts';
import { prepareGround, publicUrl, type Ground } from './kit/lrs.ts';
import { statement } from './kit/statements.ts';

let ground: Ground;
let store: Database;
let writes: ReturnType<typeof claimWrites>;
let closeDatabase: () => Promise<void>;
let ingested: IngestedIds;
/** The requests whose records reached the log. */
let onLog: string[] = [];

beforeEach(async () => {
  ground = await prepareGround();
  const { DATABASE_URL: serverUrl = '', CLICKHOUSE_URL: clickHouseUrl = '' } = ground.env;
  const migrations = workspaceFile('lrs', 'prisma/migrations');
  const database = await openDatabase({ serverUrl, service: 'lrs', migrations, poolSize: 4 });
  store = createStore(new PrismaClient({ adapter: database.adapter }));
  writes = claimWrites(database.query);
  await prepareClickHouse(clickHouseUrl, store);
  ingested = createIngestedDatabaseIds(store.statementClaims);
  closeDatabase = () => database.close();
  onLog = [];
}, 60_000);

afterEach(async () => {
  await closeDatabase();
  await ground.close();
});

async function append(records: readonly AppendRecord[]): Promise<void> {
  await ground.log.append(records);
  onLog.push(...records.map(({ headers }) => headers?.['claim'] ?? ''));
}

function createIds(more: Partial<DatabaseIdsOptions> = {}): StatementIds {
  return createDatabaseIds({
    claims: store.statementClaims,
    writes,
    append,
    selectByIds: createSelectByIds(ground.clickHouse),
    selectDropped: createSelectDropped(ground.clickHouse, createStatementDigests(new Uint8Array(32))),
    withoutErased: createWithoutErased(store.erasedPeople.selectSince),
    lapseMs: 300,
    ...more,
  });
}

const writer = createOwnStatementWriter({ publicUrl });

function request(response = 'one', id = uuidV7()): { record: AppendRecord; claim: IdClaim } {
  const record = writer.record('org_a', [statement({ id, result: { response } }) as unknown as Statement]);
  return { record, claim: { organisationId: 'org_a', ids: [id], idsMade: false } };
}

function recordsOnLog() {
  return onLog.map((claim, index) => ({
    topic: 'statements',
    partition: 0,
    offset: String(index),
    organisationId: 'org_a',
    ids: [],
    claim,
  }));
}

/** What ingest would write of the log, by request. */
async function accepted(): Promise<string[]> {
  return (await ingested.accepted(recordsOnLog())).map(({ claim }) => claim);
}

async function untilAppended(
  ids: StatementIds,
  { record, claim }: ReturnType<typeof request>,
): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    const outcome = await ids.append(record, claim);
    if (outcome === 'appended') return;
    expect(outcome.taken).toEqual([]);
  }
  throw new Error('it was never appended');
}

describe('a request that died', () => {
  test('before it appended holds its ids for a while, and what the log brings of it later is left out', async () => {
    const { record, claim } = request();
    const dead = uuidV7();
    await writes.insert([{ request: dead, organisationId: 'org_a', ids: claim.ids }]);
    const ids = createIds();
    expect(await ids.selectOptional('org_a', claim.ids[0] ?? '')).toBeNull();
    await untilAppended(ids, request('two', claim.ids[0]));
    await append([{ ...record, headers: { ...record.headers, claim: dead } }]);
    expect(onLog).toHaveLength(2);
    expect(await accepted()).toEqual([onLog[0]]);
    expect((await ids.selectOptional('org_a', claim.ids[0] ?? ''))?.text).toContain('"two"');
  });

  test('after it appended has its ids for good, once ingest has seen the record', async () => {
    const { record, claim } = request();
    const dead = uuidV7();
    await writes.insert([{ request: dead, organisationId: 'org_a', ids: claim.ids }]);
    await append([{ ...record, headers: { ...record.headers, claim: dead } }]);
    expect(await accepted()).toEqual([dead]);
    const values = record.value.toString().trimEnd();
    await ground.clickHouse.command({
      query: `INSERT INTO statements (id, stored, organisation, statement) VALUES ('${claim.ids[0] ?? ''}', now(), 'org_a', '${values.split('\t').at(-1) ?? ''}')`,
    });
    const outcome = await createIds().append(request('two').record, claim);
    expect(outcome).toMatchObject({ taken: [{ place: 0, statement: { id: claim.ids[0] } }] });
  });
});

test('an append that fails gives its ids back at once, and is left out, though the log took it', async () => {
  const { record, claim } = request();
  const failing = createIds({
    append: async (records) => {
      await append(records);
      throw new Error('the broker did not answer');
    },
    lapseMs: 60_000,
  });
  await expect(failing.append(record, claim)).rejects.toThrow('the broker did not answer');
  await untilAppended(createIds({ lapseMs: 60_000 }), { record, claim });
  expect(await accepted()).toEqual([onLog[1]]);
});

test('an append that lasts too long is overtaken: it is told so, whatever the log has', async () => {
  const slow = request('slow');
  const quick = request('quick', slow.claim.ids[0]);
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  const slowly = createIds({ append: (records) => held.then(() => append(records)) }).append(
    slow.record,
    slow.claim,
  );
  slowly.catch(() => undefined);
  // Its claim is there before another comes.
  while ((await store.statementClaims.selectHolders('org_a', slow.claim.ids)).length === 0);
  const ids = createIds();
  await untilAppended(ids, quick);
  goOn();
  await expect(slowly).rejects.toBeInstanceOf(LostClaimError);
  expect(await accepted()).toEqual([onLog[0]]);
  expect((await ids.selectOptional('org_a', quick.claim.ids[0] ?? ''))?.text).toContain('"quick"');
});

test('what ingest leaves out once it leaves out for ever, and what it has accepted nobody overtakes', async () => {
  const { record, claim } = request();
  const under = uuidV7();
  await writes.insert([{ request: under, organisationId: 'org_a', ids: claim.ids }]);
  await append([{ ...record, headers: { ...record.headers, claim: under } }]);
  expect(await accepted()).toEqual([under]);
  await store.statementClaims.updateLapsed([under]);
  expect(await accepted()).toEqual([under]);
  const value = Buffer.from(record.value);
  expect(await writes.updateConfirmed([{ request: under, value }])).toEqual(new Set());
});

test('an erasure leaves nothing of what waited for ClickHouse', async () => {
  const { record, claim } = request();
  const ids = createIds();
  await ids.append(record, claim);
  await store.statementClaims.deleteValues('org_a', new Date(Date.now() + 1_000));
  const [holder] = await store.statementClaims.selectHolders('org_a', claim.ids);
  expect([holder?.state, holder?.value]).toEqual(['CONFIRMED', null]);
});

test('statements from before ids were taken have theirs, once ingest has looked through ClickHouse', async () => {
  const old = Array.from({ length: 3 }, () => uuidV7());
  const sent = JSON.stringify(statement({ id: old[0] })).replaceAll("'", "\\'");
  await ground.clickHouse.command({
    query: `INSERT INTO statements (organisation, id, stored, statement) SELECT 'org_a', id, now(), '${sent}'
      FROM (SELECT arrayJoin([${old.map((id) => `'${id}'`).join(',')}]) AS id)`,
  });
  for (const _twice of [1, 2]) await ingested.fill(pagesOf(ground.clickHouse, new AbortController().signal));
  const ids = createIds();
  for (const id of old) {
    const { record, claim } = request('two', id);
    expect(await ids.append(record, claim)).toMatchObject({ taken: [{ place: 0, statement: { id } }] });
  }
  expect(onLog).toEqual([]);
});

test('ids that were taken before all old ones were are looked up by ingest, and later ones are not', async () => {
  const ids = createIds();
  for (const wanted of [request(), request()]) await ids.append(wanted.record, wanted.claim);
  expect((await ingested.selectUnsure(recordsOnLog())).size).toBe(2);
  await ingested.fill(pagesOf(ground.clickHouse, new AbortController().signal));
  // Times have milliseconds: a request of the same one is held to be early.
  await eventually(async () => {
    const late = request();
    await ids.append(late.record, late.claim);
    const unsure = await createIngestedDatabaseIds(store.statementClaims).selectUnsure(recordsOnLog());
    expect([...unsure].map(({ offset }) => Number(offset)).slice(0, 2)).toEqual([0, 1]);
    expect(unsure.size).toBeLessThan(onLog.length);
  });
}, 30_000);
