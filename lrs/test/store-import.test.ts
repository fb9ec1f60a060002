import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestIssuer, eventually, type TestIssuer, type TokenClaims } from '@lyceum/testing';
import { verbs } from '@lyceum/xapi';
import { startProcess } from './kit/child.ts';
import { prepareGround, startLrs, type Lrs } from './kit/lrs.ts';
import { attachmentOf, attachmentPart, jsonPart, multipart, multipartType } from './kit/multipart.ts';
import { statement, statements } from './kit/statements.ts';
import { createStoreAsker, linesOf, type StoreAsker } from './kit/store-jobs.ts';

let lrs: Lrs;
let issuer: TestIssuer;
let asker: StoreAsker;

beforeAll(async () => {
  issuer = await createTestIssuer('http://lyceum.example');
  lrs = await startLrs({ JWKS_URL: issuer.jwksUrl });
  asker = await createStoreAsker(lrs.log);
}, 60_000);
afterAll(async () => {
  asker.stop();
  await lrs.stop();
  await issuer.close();
});

type Changes = Partial<Parameters<StoreAsker['ask']>[0]>;
const organisation = () => `org_${randomUUID()}`;
const tokenOf = async (claims: TokenClaims) =>
  `Bearer ${await issuer.tokenFor({ roles: ['ADMIN'], ...claims })}`;

async function put(
  job: string,
  body: Uint8Array | string,
  o: { organisationId: string; query?: string; claims?: TokenClaims; url?: string },
) {
  const { organisationId, query = 'part=0&last=true', claims = {}, url = lrs.url } = o;
  return fetch(`${url}/xapi/store/import?job=${job}&${query}`, {
    method: 'PUT',
    body,
    headers: { authorization: await tokenOf({ organisationId, ...claims }) },
  });
}

const fileOf = (lines: readonly unknown[]) =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

async function imported(organisationId: string, file: Uint8Array | string, request: Changes = {}) {
  const job = await asker.ask({ kind: 'IMPORT', organisationId, ...request });
  const { status } = await put(job, file, { organisationId });
  expect(status).toBe(200);
  return asker.end(job);
}

async function exportOf(organisationId: string, request: Changes = {}): Promise<Buffer> {
  await lrs.ingested();
  const job = await asker.ask({ kind: 'EXPORT', organisationId, ...request });
  expect(await asker.end(job)).toMatchObject({ state: 'DONE' });
  const headers = { authorization: await tokenOf({ organisationId }) };
  const answer = await fetch(`${lrs.url}/xapi/store/export?job=${job}`, { headers });
  return Buffer.from(await answer.arrayBuffer());
}

const old = (changes: Record<string, unknown> = {}, stored = '2024-03-01T10:00:00.123456Z') =>
  statement({ stored, timestamp: stored, authority: { mbox: 'mailto:old@lrs.example' }, ...changes });

describe('a store that is exported and imported elsewhere', () => {
  const [from, to] = [organisation(), organisation()];
  const bytes = Buffer.alloc(1_000_000, 'moves');
  const voided = statement();
  let file: Buffer;

  beforeAll(async () => {
    const client = await lrs.client(from);
    const body = multipart([
      jsonPart(statement({ attachments: [attachmentOf(bytes)] })),
      attachmentPart(bytes),
    ]);
    await client.send('POST', '/xapi/statements', { body, headers: { 'content-type': multipartType } });
    await client.post([voided, ...statements(20)]);
    await client.post([
      statement({ verb: { id: verbs.voided }, object: { objectType: 'StatementRef', id: voided['id'] } }),
    ]);
    file = await exportOf(from, { attachments: true });
    const end = await imported(to, file, { keepsOriginals: true });
    expect(end).toMatchObject({ state: 'DONE', done: 23, written: 23, known: 0, faulty: 0 });
  }, 60_000);

  test('is the same to the letter: stored, authority, voidings, attachments', async () => {
    expect(linesOf(await exportOf(to, { attachments: true }))).toEqual(linesOf(file));
    const reader = await lrs.client(to);
    expect((await reader.get(`?statementId=${String(voided['id'])}`)).status).toBe(404);
    expect((await reader.get(`?voidedStatementId=${String(voided['id'])}`)).status).toBe(200);
    expect((await reader.get('?attachments=true')).text).toContain(bytes.toString().slice(0, 1000));
  });

  test('and brings nothing when it comes again', async () => {
    const again = await imported(to, file, { keepsOriginals: true });
    expect(again).toMatchObject({ state: 'DONE', written: 0, known: 23, faulty: 0 });
    await lrs.ingested();
    expect(await lrs.count(`organisation = '${to}'`)).toBe(23);
  });
});

test('statements are stored now, by whoever imports them, unless they may keep what the file says', async () => {
  const organisationId = organisation();
  const [kept, taken] = [old(), old()];
  await imported(organisationId, fileOf([kept]), { keepsOriginals: true, requestedBy: 'user_01' });
  await imported(organisationId, gzipSync(fileOf([taken])), { requestedBy: 'user_02k' });
  await lrs.ingested();
  const client = await lrs.client(organisationId);
  const { body: original } = await client.get(`?statementId=${String(kept['id'])}`);
  expect(original).toMatchObject({ stored: kept['stored'], authority: { mbox: 'mailto:old@lrs.example' } });
  const { body: own } = await client.get(`?statementId=${String(taken['id'])}`);
  expect(JSON.stringify(own['authority'])).toContain('user_02k');
  expect(String(own['stored']) > '2026').toBe(true);
  const { body: since } = await client.get('?until=2024-12-31T00:00:00Z');
  expect((since['statements'] as unknown as { id: string }[]).map(({ id }) => id)).toEqual([kept['id']]);
});

test('lines that are refused are told by line and path, and the others taken in', async () => {
  const organisationId = organisation();
  const there = statement();
  const client = await lrs.client(organisationId);
  await client.post([there]);
  const fine = old();
  const lines = [
    fine,
    'no JSON',
    old({ verb: { id: 'not an IRI' } }),
    { ...there, actor: { mbox: 'mailto:another@example.org' } },
    there,
    old({}, '2999-01-01T00:00:00Z'),
    old({ attachments: [attachmentOf('nowhere')] }),
    `"${'x'.repeat(4_000_000)}"`,
    `[${JSON.stringify(old())}]`,
  ];
  const dry = await imported(organisationId, fileOf(lines), { keepsOriginals: true, dryRun: true });
  const end = await imported(organisationId, fileOf(lines), { keepsOriginals: true });
  for (const each of [dry, end]) {
    expect(each).toMatchObject({ state: 'DONE', done: 9, written: 1, known: 1, faulty: 7 });
    expect(each.faults.map(({ line, path }) => [line, path])).toEqual([
      [2, ''],
      [3, 'verb.id'],
      [4, 'id'],
      [6, 'stored'],
      [7, 'attachments[0]'],
      [8, ''],
      [9, ''],
    ]);
  }
  await lrs.ingested();
  expect(await lrs.count(`organisation = '${organisationId}'`)).toBe(2);
});

test('statements that say no id are the same when the file comes again', async () => {
  const organisationId = organisation();
  const file = fileOf([old({ id: undefined }), old({ id: undefined })]);
  expect(await imported(organisationId, file, { keepsOriginals: true })).toMatchObject({
    written: 2,
    known: 0,
  });
  expect(await imported(organisationId, file, { keepsOriginals: true })).toMatchObject({
    written: 0,
    known: 2,
  });
});

test('pages that were begun do not see what an import brings with an older stored', async () => {
  const organisationId = organisation();
  const client = await lrs.client(organisationId);
  await client.post(statements(6));
  await lrs.ingested();
  const first = await eventually(async () => {
    const answer = await client.get('?limit=2&ascending=true');
    expect((answer.body['statements'] as unknown as unknown[]).length).toBe(2);
    return answer;
  });
  await imported(
    organisationId,
    fileOf(Array.from({ length: 5 }, () => old({}, new Date(Date.now() - 1).toISOString()))),
    {
      keepsOriginals: true,
    },
  );
  await lrs.ingested();
  let [more, count] = [String(first.body['more']), 2];
  for (; more !== 'undefined' && more !== '';) {
    const { body } = await client.send('GET', more);
    count += (body['statements'] as unknown as unknown[]).length;
    more = String(body['more']);
  }
  expect(count).toBe(6);
  const all = await eventually(async () => {
    const { body } = await client.get('?limit=100');
    expect((body['statements'] as unknown as unknown[]).length).toBe(11);
    return body;
  });
  expect(all).toBeDefined();
});

test('a file of many months in any order is one block of no fault', async () => {
  const organisationId = organisation();
  const months = Array.from({ length: 240 }, (_each, index) =>
    old({}, new Date(Date.UTC(2004, (index * 37) % 240, 1)).toISOString()),
  );
  const end = await imported(organisationId, fileOf(months), { keepsOriginals: true });
  expect(end).toMatchObject({ written: 240 });
  await lrs.ingested();
  expect(await lrs.count(`organisation = '${organisationId}'`)).toBe(240);
});

describe('the file of an import', () => {
  test('comes in parts, in any order and again, and begins the import when it is whole', async () => {
    const organisationId = organisation();
    const file = gzipSync(fileOf(statements(300)));
    const cut = [file.subarray(0, 1000), file.subarray(1000, 5000), file.subarray(5000)];
    const job = await asker.ask({ kind: 'IMPORT', organisationId });
    const part = (place: number, query = '') =>
      put(job, cut[place] ?? '', { organisationId, query: `part=${String(place)}${query}` });
    expect(await (await part(2, '&last=true')).json()).toMatchObject({ whole: false });
    await put(job, 'something else', { organisationId, query: 'part=1' });
    await part(1);
    expect(await (await part(0)).json()).toMatchObject({ whole: true });
    expect(await asker.end(job)).toMatchObject({ state: 'DONE', written: 300 });
    expect((await part(0)).status).toBe(409);
  });

  test('is another organisation’s to nobody, and for no key and no learner', async () => {
    const organisationId = organisation();
    const job = await asker.ask({ kind: 'IMPORT', organisationId });
    await asker.until(job, ({ state }) => state === 'WAITING');
    expect((await put(job, '{}', { organisationId: 'org_elsewhere' })).status).toBe(404);
    expect((await put(job, '{}', { organisationId, claims: { roles: ['LEARNER'] } })).status).toBe(403);
    const key = await lrs.client(organisationId);
    expect((await key.send('PUT', `/xapi/store/import?job=${job}&part=0`, { body: '{}' })).status).toBe(403);
    expect((await put(job, '{}', { organisationId, query: 'part=x' })).status).toBe(400);
  });

  test('that is broken gzip, or cut off, ends the import with the reason', async () => {
    const organisationId = organisation();
    const file = gzipSync(fileOf(statements(300)));
    const end = await imported(organisationId, file.subarray(0, file.length - 20));
    expect(end).toMatchObject({ state: 'FAILED', failure: expect.stringContaining('not whole gzip') });
  });

  test('of something else ends it after ten thousand lines', async () => {
    const end = await imported(organisation(), 'nonsense\n'.repeat(20_000));
    expect(end).toMatchObject({ state: 'FAILED', failure: expect.stringContaining('line 1') });
    expect(end.faults).toHaveLength(100);
  }, 60_000);
});

test('kill -9 of the receiver in the middle: all is there once', async () => {
  const ground = await prepareGround({ JWKS_URL: issuer.jwksUrl });
  const own = await createStoreAsker(ground.log);
  const ingest = await startProcess('lrs/src/ingest/main.ts', ground.env);
  let receive = await startProcess('lrs/src/receive/main.ts', ground.env);
  const organisationId = organisation();
  const file = gzipSync(fileOf(statements(30_000)));
  const job = await own.ask({ kind: 'IMPORT', organisationId, keepsOriginals: true });
  const query = 'part=0&last=true';
  expect((await put(job, file, { organisationId, query, url: receive.url })).status).toBe(200);
  for (const least of [1, 10_000]) {
    await own.until(job, ({ done }) => done >= least);
    await receive.kill();
    receive = await startProcess('lrs/src/receive/main.ts', ground.env);
  }
  const end = await own.end(job);
  expect(end).toMatchObject({ state: 'DONE', done: 30_000, faulty: 0 });
  expect(end.written + end.known).toBe(30_000);
  // What was taken in and not noted is known when it comes again: a batch for each kill at most.
  expect(end.known).toBeLessThanOrEqual(1_000);
  await ground.ingested();
  expect(await ground.count(`organisation = '${organisationId}'`)).toBe(30_000);
  own.stop();
  await receive.stop();
  await ingest.stop();
  await ground.close();
}, 180_000);

test('an import that is cancelled ends, and what it brought stays', async () => {
  const organisationId = organisation();
  const job = await asker.ask({ kind: 'IMPORT', organisationId });
  expect((await put(job, fileOf(statements(60_000)), { organisationId })).status).toBe(200);
  await asker.until(job, ({ done }) => done > 0);
  await asker.cancel(job, organisationId);
  const end = await asker.end(job);
  expect(end.state).toBe('CANCELLED');
  expect(end.done).toBeLessThan(60_000);
}, 60_000);
