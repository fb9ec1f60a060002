import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDatabase, type Database as OpenDatabase } from '@lyceum/postgres';
import { eventually } from '@lyceum/testing';
import { createAttachmentKeeper } from '../src/attachments/keep-attachments.ts';
import { createSelectNamed } from '../src/attachments/named-hashes.ts';
import { openAttachments, type OpenAttachments } from '../src/attachments/open-attachments.ts';
import { createSweep } from '../src/attachments/sweep.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore, type Database } from '../src/store/store.ts';
import { createAsker } from './kit/personal-data.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { appendStored } from './kit/old-statements.ts';
import { attachmentOf, attachmentPart, jsonPart, multipart, multipartType, sha2Of } from './kit/multipart.ts';
import { statement } from './kit/statements.ts';
import { createStoreAsker } from './kit/store-jobs.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let client: XapiClient;
let opened: OpenDatabase;
let database: Database;
let attachments: OpenAttachments;

beforeAll(async () => {
  lrs = await startLrs();
  client = await lrs.client('org_a');
  opened = await openDatabase({
    serverUrl: lrs.env['DATABASE_URL'] ?? '',
    service: 'lrs',
    migrations: fileURLToPath(new URL('../prisma/migrations', import.meta.url)),
    poolSize: 4,
  });
  database = createStore(new PrismaClient({ adapter: opened.adapter }));
  attachments = await openAttachments(lrs.env['LYCEUM_DATA_DIR'] ?? '', undefined, 2 ** 20);
}, 60_000);
afterAll(async () => {
  await opened.close();
  await lrs.stop();
});

const hour = 60 * 60_000;

/** A sweep as it will be after some hours, by when ClickHouse has all that there is. */
function sweep({ hours = 2, through = '2999-01-01T00:00:00Z', isAlone = true } = {}): Promise<void> {
  const { store, staging } = attachments;
  return createSweep({
    store,
    // What comes in right now is not hours old.
    staging: isAlone ? staging : { ...staging, sweep: async () => undefined },
    database,
    selectNamed: createSelectNamed(lrs.clickHouse),
    consistentThrough: async () => through,
    graceMs: hour,
    now: () => Date.now() + hours * hour,
  }).run();
}

function keeper() {
  return createAttachmentKeeper({ ...attachments, database, storageLimit: 2 ** 30 });
}

/** What a request does before its statements are appended; the request then fails. */
async function keepInVain(bytes: Buffer, statementId: string = randomUUID()): Promise<void> {
  const staged = await attachments.staging.stage(sha2Of(bytes), piecesOf(bytes));
  await keeper().keep('org_a', [staged], [{ sha2: staged.sha2, statementId }]);
}

async function* piecesOf(bytes: Buffer) {
  yield bytes;
}

async function send(bytes: Buffer, changes: Record<string, unknown> = {}): Promise<string> {
  const sent = statement({ attachments: [attachmentOf(bytes)], ...changes });
  const { status } = await client.send('POST', '/xapi/statements', {
    body: multipart([jsonPart(sent), attachmentPart(bytes)]),
    headers: { 'content-type': multipartType },
  });
  expect(status).toBe(200);
  await eventually(async () => {
    expect((await client.get(`?statementId=${String(sent['id'])}`)).status).toBe(200);
  });
  return String(sent['id']);
}

function isKept(bytes: Buffer): boolean {
  const sha2 = sha2Of(bytes);
  return existsSync(join(lrs.env['LYCEUM_DATA_DIR'] ?? '', 'attachments/kept/org_a', sha2.slice(0, 2), sha2));
}

describe('the sweep takes', () => {
  test('what a failed request has left, and gives back its storage', async () => {
    const before = await database.attachments.selectStorage('org_a');
    const bytes = randomBytes(1_000);
    await keepInVain(bytes);
    expect(await database.attachments.selectStorage('org_a')).toBe(before + 1_000);
    await sweep();
    expect(isKept(bytes)).toBe(false);
    expect(await database.attachments.selectStorage('org_a')).toBe(before);
    expect(await database.attachments.select('org_a', [sha2Of(bytes)])).toEqual([]);
  });

  test('what only a statement without it was said to have: its text is another now', async () => {
    const bytes = randomBytes(1_000);
    await keepInVain(bytes, await send(randomBytes(10)));
    await sweep();
    expect(isKept(bytes)).toBe(false);
  });

  test('what an erased person had attached, but for what others have too', async () => {
    const [own, shared, anothers] = [randomBytes(1_000), randomBytes(1_000), randomBytes(1_000)];
    const bob = { actor: { mbox: 'mailto:bob@example.org' } };
    for (const bytes of [own, shared]) await send(bytes);
    for (const bytes of [shared, anothers]) await send(bytes, bob);
    const asker = await createAsker(lrs.log);
    const done = await asker.answer(await asker.ask({ kind: 'ERASURE' }));
    asker.stop();
    expect(done.failure).toBeUndefined();
    await sweep({ hours: 0 });
    expect([own, shared, anothers].map(isKept)).toEqual([false, true, true]);
  });

  test('what only dropped statements had, also where they come again with it', async () => {
    const [own, shared] = [randomBytes(1_000), randomBytes(1_000)];
    const gone = statement({ attachments: [attachmentOf(own), attachmentOf(shared)] });
    const id = String(gone['id']);
    for (const bytes of [own, shared]) await keepInVain(bytes, id);
    await database.attachments.updateConfirmed('org_a', [id]);
    await appendStored(lrs, 'org_a', [[gone, '2025-12-20T10:00:00.000000Z']]);
    await lrs.ingested();
    await send(shared);
    await sweep();
    expect([own, shared].map(isKept)).toEqual([true, true]);
    const asker = await createStoreAsker(lrs.log);
    const rules = [{ before: '2026-01-01T00:00:00.000Z' }];
    const job = await asker.ask({ kind: 'RETENTION', organisationId: 'org_a', rules });
    expect(await asker.end(job)).toMatchObject({ state: 'DONE', written: 1 });
    asker.stop();
    await sweep({ hours: 0 });
    expect([own, shared].map(isKept)).toEqual([false, true]);
    const body = multipart([jsonPart(gone), attachmentPart(own), attachmentPart(shared)]);
    const headers = { 'content-type': multipartType };
    expect((await client.send('POST', '/xapi/statements', { body, headers })).status).toBe(200);
    await sweep();
    expect([own, shared].map(isKept)).toEqual([false, true]);
  });

  test('what a crash has left of bodies that were coming in, once they are old', async () => {
    const directory = join(lrs.env['LYCEUM_DATA_DIR'] ?? '', 'attachments/incoming');
    const [old, young] = [join(directory, 'old'), join(directory, 'young')];
    await writeFile(old, 'x');
    await writeFile(young, 'x');
    await utimes(old, new Date(0), new Date(0));
    await sweep({ hours: 0 });
    expect(readdirSync(directory)).toEqual(['young']);
    await sweep();
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('the sweep leaves', () => {
  test('what a request may still be about to use, and what may still be on its way to ClickHouse', async () => {
    const bytes = randomBytes(1_000);
    await keepInVain(bytes);
    await sweep({ hours: 0.9 });
    await sweep({ through: new Date(Date.now() + hour / 2).toISOString() });
    expect(isKept(bytes)).toBe(true);
    await sweep();
    expect(isKept(bytes)).toBe(false);
  });

  test('what a crash kept from being confirmed, and confirms it', async () => {
    const bytes = randomBytes(1_000);
    const id = await send(bytes);
    await database.attachments.updateUnconfirmed('org_a', [id], new Date(0));
    await sweep({ hours: 0, through: '1970-01-01T00:00:00Z' });
    expect(isKept(bytes)).toBe(true);
    expect(await database.attachments.selectUnconfirmed(new Date(), 10)).toEqual([]);
  });

  test('what another statement refers to', async () => {
    const bytes = randomBytes(1_000);
    await keepInVain(bytes);
    await send(bytes);
    await sweep();
    expect(isKept(bytes)).toBe(true);
  });

  test('what comes again while it sweeps, from several sides', async () => {
    for (let round = 0; round < 10; round += 1) {
      const bytes = randomBytes(1_000);
      await keepInVain(bytes);
      const [id] = await Promise.all([send(bytes), sweep({ isAlone: false }), sweep({ isAlone: false })]);
      expect(isKept(bytes)).toBe(true);
      await sweep();
      const { text } = await client.get(`?attachments=true&statementId=${id}`);
      expect(text).toContain(`X-Experience-API-Hash: ${sha2Of(bytes)}`);
    }
  });
});
