import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestIssuer, eventually, type TestIssuer } from '@lyceum/testing';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { appendStored } from './kit/old-statements.ts';
import { createAsker, dump, type Asker } from './kit/personal-data.ts';
import { about } from './kit/reading.ts';
import { statement, statements } from './kit/statements.ts';
import { createStoreAsker, linesOf, manyStatements, type StoreAsker } from './kit/store-jobs.ts';

let lrs: Lrs;
let issuer: TestIssuer;
let asker: StoreAsker;
let privacy: Asker;

beforeAll(async () => {
  issuer = await createTestIssuer('http://lyceum.example');
  lrs = await startLrs({ JWKS_URL: issuer.jwksUrl });
  asker = await createStoreAsker(lrs.log);
  privacy = await createAsker(lrs.log);
}, 60_000);
afterAll(async () => {
  asker.stop();
  privacy.stop();
  await lrs.stop();
  await issuer.close();
});

const rules = [{ before: '2026-01-01T00:00:00.000Z' }];
const [old, late] = ['2025-12-20T10:30:00.000000Z', '2026-02-01T10:30:00.000000Z'];
const retention = (organisationId: string) => asker.ask({ kind: 'RETENTION', organisationId, rules });

async function ofStore(organisationId: string, path: string, init: RequestInit = {}): Promise<Response> {
  const token = await issuer.tokenFor({ roles: ['ADMIN'], organisationId });
  return fetch(`${lrs.url}/xapi/store/${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
}

test('an export and a retention of one organisation wait for each other: whichever was asked for first', async () => {
  const organisationId = 'org_exported';
  await lrs.clickHouse.command({ query: manyStatements(organisationId, 45_000) });
  const taken = async (job: string) => (await asker.until(job, () => true)).jobId;
  const [first, drop, second] = [
    await taken(await asker.ask({ kind: 'EXPORT', organisationId })),
    await taken(await retention(organisationId)),
    await taken(await asker.ask({ kind: 'EXPORT', organisationId })),
  ];
  const elsewhere = await retention('org_elsewhere');
  expect(await asker.end(elsewhere)).toMatchObject({ state: 'DONE', total: 0 });
  expect(await asker.end(first)).toMatchObject({ state: 'DONE', written: 45_000 });
  expect(await asker.end(drop)).toMatchObject({ state: 'DONE', written: 45_000 });
  expect(await asker.end(second)).toMatchObject({ state: 'DONE', written: 0 });
  const file = Buffer.from(await (await ofStore(organisationId, `export?job=${first}`)).arrayBuffer());
  expect(linesOf(file)).toHaveLength(45_000);
}, 120_000);

test('an erasure and a retention at once leave nothing of the person, and nothing that was due', async () => {
  const organisationId = 'org_erased';
  const ada = { mbox: 'mailto:Ada@Example.org', name: 'Ada Lovelace' };
  const gone = statements(40, { actor: ada });
  const kept = gone.flatMap(({ id }) => [
    about(String(id), { actor: { mbox: 'mailto:bo@example.org' } }),
    statement({ actor: ada }),
  ]);
  await appendStored(lrs, organisationId, [
    ...gone.map((each) => [each, old] as const),
    ...kept.map((each) => [each, late] as const),
  ]);
  await lrs.ingested();
  const [drop, erasure] = await Promise.all([
    retention(organisationId),
    privacy.ask({ kind: 'ERASURE', organisationId }),
  ]);
  expect(await asker.end(drop)).toMatchObject({ state: 'DONE', written: 40 });
  expect(await privacy.answer(erasure)).toMatchObject({ service: 'lrs' });
  const all = await dump(lrs, organisationId);
  expect(all.toLowerCase()).not.toContain('ada@example.org');
  expect(all).not.toContain('Lovelace');
  expect(await lrs.count(`organisation = '${organisationId}'`)).toBe(80);
}, 120_000);

test('what an import brings from before is taken in, goes with the next run, and is not read from the log', async () => {
  const organisationId = 'org_imported';
  const client = await lrs.client(organisationId);
  const authority = { mbox: 'mailto:old@lrs.example' };
  const sent = statements(5, { stored: old, timestamp: old, authority });
  const file = sent.map((each) => `${JSON.stringify(each)}\n`).join('');
  const bring = async () => {
    const job = await asker.ask({ kind: 'IMPORT', organisationId, keepsOriginals: true });
    const { status } = await ofStore(organisationId, `import?job=${job}&part=0&last=true`, {
      method: 'PUT',
      body: file,
    });
    expect(status).toBe(200);
    return asker.end(job);
  };
  expect(await bring()).toMatchObject({ state: 'DONE', written: 5 });
  await lrs.ingested();
  const read = async () =>
    Promise.all(sent.map(async ({ id }) => (await client.get(`?statementId=${String(id)}`)).status));
  expect(await read()).toEqual([200, 200, 200, 200, 200]);
  expect(await asker.end(await retention(organisationId))).toMatchObject({ state: 'DONE', written: 5 });
  expect(await read()).toEqual([404, 404, 404, 404, 404]);
  expect(await bring()).toMatchObject({ state: 'DONE', written: 0, known: 5 });
  const dryRun = await asker.ask({ kind: 'IMPORT', organisationId, dryRun: true });
  await ofStore(organisationId, `import?job=${dryRun}&part=0&last=true`, { method: 'PUT', body: file });
  expect(await asker.end(dryRun)).toMatchObject({ written: 0, known: 5 });
}, 60_000);

test('a page that was begun goes on without what was dropped since, and ends', async () => {
  const organisationId = 'org_paged';
  const client = await lrs.client(organisationId);
  const [gone, kept] = [statements(6), statements(6)];
  await appendStored(lrs, organisationId, [
    ...gone.map((each) => [each, old] as const),
    ...kept.map((each) => [each, late] as const),
  ]);
  await lrs.ingested();
  const first = await client.get('?limit=4');
  const { statements: page, more } = first.body as unknown as { statements: object[]; more: string };
  expect(page).toHaveLength(4);
  await asker.end(await retention(organisationId));
  const rest = await client.send('GET', more);
  expect(rest.status).toBe(200);
  expect(rest.body as unknown).toMatchObject({ statements: [{}, {}], more: '' });
  expect(Date.parse(rest.headers.get('x-experience-api-consistent-through') ?? '')).toBeGreaterThan(
    Date.parse(late),
  );
});

test('one that is cancelled while it deletes ends behind that, and has told what it dropped', async () => {
  const organisationId = 'org_deleting';
  await lrs.clickHouse.command({ query: manyStatements(organisationId, 30_000) });
  const job = await retention(organisationId);
  const query = `SELECT count() FROM system.mutations WHERE database = currentDatabase()
    AND position(command, '${organisationId}') > 0`;
  await eventually(
    async () => {
      const answer = await lrs.clickHouse.query({ query, format: 'TabSeparated' });
      expect(Number(await answer.text())).toBeGreaterThan(0);
    },
    { timeoutMs: 60_000, pauseMs: 2 },
  );
  await asker.cancel(job, organisationId);
  expect(await asker.end(job)).toMatchObject({ state: 'CANCELLED', written: 30_000 });
  expect(await lrs.count(`organisation = '${organisationId}'`)).toBe(0);
}, 60_000);

test('one that is cancelled drops no more than it has; what it noted is there, and goes with another', async () => {
  const organisationId = 'org_cancelled';
  await lrs.clickHouse.command({ query: manyStatements(organisationId, 120_000) });
  const id = 'http://a.example/other';
  await appendStored(lrs, organisationId, [
    [statement({ object: { id } }), '2025-01-01T00:05:00.500000Z'],
    [statement({ object: { id } }), '2025-01-01T01:05:00.500000Z'],
  ]);
  await lrs.ingested();
  const job = await retention(organisationId);
  await asker.until(job, ({ done }) => done > 0);
  await asker.cancel(job, organisationId);
  const { state, written } = await asker.end(job);
  expect([state, written]).toEqual(['CANCELLED', 0]);
  expect(await lrs.count(`organisation = '${organisationId}'`)).toBe(120_002);
  const narrow = [{ before: '2025-06-01T00:00:00.000Z', activity: id }];
  const next = await asker.ask({ kind: 'RETENTION', organisationId, rules: narrow });
  expect(await asker.end(next)).toMatchObject({ state: 'DONE', written: 2 });
  await eventually(async () => {
    expect(await lrs.count(`organisation = '${organisationId}'`)).toBe(120_000);
  });
}, 60_000);
