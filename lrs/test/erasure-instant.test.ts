import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDatabase, type Database as OpenDatabase } from '@lyceum/postgres';
import { prepareDatabase } from '@lyceum/testing';
import { uuidV7 } from '@lyceum/xapi';
import { claimWrites } from '../src/store/claim-writes.ts';
import { documentStore } from '../src/store/documents.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore, type Database } from '../src/store/store.ts';

// A request for an erasure says its instant to the millisecond. What was there before it, in that same millisecond, is meant.

let database: OpenDatabase;
let store: Database;

const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url));
const until = new Date('2026-11-28T10:00:00.000Z');
const within = '2026-11-28T10:00:00.000900Z';
const after = '2026-11-28T10:00:00.002000Z';

beforeAll(async () => {
  const serverUrl = await prepareDatabase('lrs', migrations);
  database = await openDatabase({ serverUrl, service: 'lrs', migrations, poolSize: 2 });
  store = createStore(new PrismaClient({ adapter: database.adapter }));
}, 60_000);

afterAll(() => database.close());

test('documents that were made in its millisecond are the person’s, later ones are not', async () => {
  const documents = documentStore(database.query);
  const agent = 'mailto:ada@example.org';
  const context = { organisationId: 'org_a', kind: 'AGENT_PROFILE', agent } as const;
  for (const [id, at] of [
    ['within', within],
    ['after', after],
  ] as const) {
    await documents.upsert(context, id, { contentType: 'text/plain', bytes: Buffer.from('x') });
    await database.query('UPDATE document SET created_at = $1::timestamptz WHERE id = $2', [at, id]);
  }
  const owner = { organisationId: 'org_a', keys: [agent], until };
  expect(
    (await store.personDocuments.select(owner, { after: '', bytes: 1_000 })).map(({ id }) => id),
  ).toEqual(['within']);
  expect(await store.personDocuments.delete(owner)).toBe(1);
  expect(await documents.selectIds(context, { after: '', limit: 10 })).toEqual(['after']);
});

test('so is what waited for ClickHouse', async () => {
  const writes = claimWrites(database.query);
  const values: unknown[] = [];
  for (const at of [within, after]) {
    const [request, id] = [uuidV7(), uuidV7()];
    await writes.insert([{ request, organisationId: 'org_a', ids: [id] }]);
    await writes.updateConfirmed([{ request, value: Buffer.from('x') }]);
    const sql = 'UPDATE statement_request SET claimed_at = $1::timestamptz WHERE id = $2::uuid';
    await database.query(sql, [at, request]);
    await store.statementClaims.deleteValues('org_a', until);
    const [holder] = await store.statementClaims.selectHolders('org_a', [id]);
    values.push(holder?.value === null);
  }
  expect(values).toEqual([true, false]);
});
