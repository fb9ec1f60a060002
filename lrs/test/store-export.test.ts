import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestIssuer, eventually, type TestIssuer, type TokenClaims } from '@lyceum/testing';
import { verbs } from '@lyceum/xapi';
import { startProcess } from './kit/child.ts';
import { prepareGround, startLrs, type Lrs } from './kit/lrs.ts';
import { attachmentOf, attachmentPart, jsonPart, multipart, multipartType } from './kit/multipart.ts';
import { createAsker } from './kit/personal-data.ts';
import { statement, statements } from './kit/statements.ts';
import { createStoreAsker, linesOf, manyStatements, type StoreAsker } from './kit/store-jobs.ts';
import type { XapiClient } from './kit/xapi-client.ts';

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

const tokenOf = async (claims: TokenClaims) =>
  `Bearer ${await issuer.tokenFor({ roles: ['ADMIN'], organisationId: 'org_a', ...claims })}`;

async function download(job: string, headers: Record<string, string> = {}, url = lrs.url) {
  const authorization = await tokenOf({});
  return fetch(`${url}/xapi/store/export?job=${job}`, { headers: { authorization, ...headers } });
}

async function exported(request: Partial<Parameters<StoreAsker['ask']>[0]> = {}): Promise<string[]> {
  const job = await asker.ask({ kind: 'EXPORT', ...request });
  expect(await asker.end(job)).toMatchObject({ state: 'DONE' });
  const authorization = await tokenOf({ organisationId: request.organisationId ?? 'org_a' });
  const answer = await download(job, { authorization });
  expect(answer.status).toBe(200);
  return linesOf(Buffer.from(await answer.arrayBuffer()));
}

const idsIn = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { id: string }).id);

describe('an export', () => {
  let client: XapiClient;
  const big = statement({
    object: { id: 'http://a.example/2' },
    result: { extensions: { 'http://e.example/n': 1 } },
  });
  const voided = statement();
  const voiding = statement({
    verb: { id: verbs.voided },
    object: { objectType: 'StatementRef', id: voided['id'] },
  });

  beforeAll(async () => {
    client = await lrs.client('org_a');
    const text = JSON.stringify(big).replace('"http://e.example/n":1', '"http://e.example/n":1.50e+3');
    const headers = { 'content-type': 'application/json', 'x-experience-api-version': '1.0.3' };
    expect((await client.send('POST', '/xapi/statements', { body: text, headers })).status).toBe(200);
    await client.post([voided]);
    await client.post([voiding]);
    await (await lrs.client('org_b')).post(statements(3));
    await lrs.ingested();
  });

  test('has every statement of the organisation once, voided ones too, in the order of stored, to the letter', async () => {
    const lines = await exported();
    expect(idsIn(lines)).toEqual([big, voided, voiding].map(({ id }) => id));
    expect(lines[0]).toContain('"http://e.example/n":1.50e+3');
    const [kept] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const { body } = await client.get(`?statementId=${String(big['id'])}`);
    expect(kept).toEqual(body);
    expect(kept).toMatchObject({ stored: expect.any(String), authority: expect.any(Object) });
  });

  test.each<[string, () => object, () => unknown[]]>([
    ['one verb', () => ({ verb: verbs.voided }), () => [voiding['id']]],
    ['one activity', () => ({ activity: 'http://a.example/2' }), () => [big['id']]],
    ['what was stored after an instant', () => ({ since: new Date().toISOString() }), () => []],
    ['what was stored before one', () => ({ until: '2020-01-01T00:00:00.000Z' }), () => []],
  ])('is narrowed to %s', async (_case, request, ids) => {
    expect(idsIn(await exported(request()))).toEqual(ids());
  });

  test('has what was accepted up to the request, and nothing later', async () => {
    const requestedAt = new Date().toISOString();
    await client.post(statements(2, { object: { id: 'http://a.example/later' } }));
    await lrs.ingested();
    expect(await exported({ requestedAt, activity: 'http://a.example/later' })).toEqual([]);
    expect(await exported({ activity: 'http://a.example/later' })).toHaveLength(2);
  });

  test('has the bytes of an attachment once, before the statement that first names it', async () => {
    const organisationId = 'org_attachments';
    const own = await lrs.client(organisationId);
    const bytes = Buffer.alloc(1_700_000, 'lyceum');
    const attachment = attachmentOf(bytes);
    const named = statement({ attachments: [attachment] });
    const again = statement({ attachments: [attachment] });
    for (const each of [named, again]) {
      const body = multipart([jsonPart(each), attachmentPart(bytes)]);
      const headers = { 'content-type': multipartType };
      expect((await own.send('POST', '/xapi/statements', { body, headers })).status).toBe(200);
    }
    await lrs.ingested();
    const lines = await exported({ organisationId, attachments: true });
    const parsed = lines.map((line) => JSON.parse(line) as { id?: string; attachment?: { base64: string } });
    expect(parsed.map(({ id }) => id)).toEqual([undefined, undefined, undefined, named['id'], again['id']]);
    const kept = Buffer.concat(
      parsed.slice(0, 3).map((line) => Buffer.from(line.attachment!.base64, 'base64')),
    );
    expect(kept.equals(bytes)).toBe(true);
    expect(await exported({ organisationId })).toHaveLength(2);
  });
});

describe('the file of an export', () => {
  let job: string;
  beforeAll(async () => {
    await lrs.clickHouse.command({ query: manyStatements('org_many', 45_000) });
    job = await asker.ask({ kind: 'EXPORT', organisationId: 'org_many' });
    expect(await asker.end(job)).toMatchObject({
      state: 'DONE',
      done: 45_000,
      total: 45_000,
      written: 45_000,
    });
  }, 60_000);
  const own = async () => ({ authorization: await tokenOf({ organisationId: 'org_many' }) });

  test('of several parts is one, and goes on where a download broke off', async () => {
    const whole = Buffer.from(await (await download(job, await own())).arrayBuffer());
    expect(new Set(idsIn(linesOf(whole))).size).toBe(45_000);
    const from = Math.floor(whole.length * 0.6);
    const rest = await download(job, { ...(await own()), range: `bytes=${String(from)}-` });
    expect(rest.status).toBe(206);
    expect(rest.headers.get('content-range')).toBe(`bytes ${from}-${whole.length - 1}/${whole.length}`);
    expect(Buffer.from(await rest.arrayBuffer()).equals(whole.subarray(from))).toBe(true);
    const beyond = await download(job, { ...(await own()), range: `bytes=${String(whole.length)}-` });
    expect(beyond.status).toBe(416);
  });

  test('is to another organisation what nobody has', async () => {
    const [theirs, nobodys] = [await download(job), await download('storejob_none')];
    expect([theirs.status, nobodys.status]).toEqual([404, 404]);
    expect((await theirs.text()).replace(job, 'storejob_none')).toBe(await nobodys.text());
  });

  test('is for people who may export, and for no key', async () => {
    const learner = await tokenOf({ organisationId: 'org_many', roles: ['LEARNER'] });
    expect((await download(job, { authorization: learner })).status).toBe(403);
    const key = await lrs.client('org_many', ['all']);
    expect((await key.send('GET', `/xapi/store/export?job=${job}`)).status).toBe(403);
    expect((await fetch(`${lrs.url}/xapi/store/export?job=${job}`)).status).toBe(401);
  });
});

test('an erasure takes the files that were to be had: they have the person still', async () => {
  const organisationId = 'org_erased';
  await (await lrs.client(organisationId)).post(statements(2));
  await lrs.ingested();
  const job = await asker.ask({ kind: 'EXPORT', organisationId });
  await asker.end(job);
  const privacy = await createAsker(lrs.log);
  await privacy.answer(await privacy.ask({ kind: 'ERASURE', organisationId }));
  privacy.stop();
  await asker.until(job, ({ state }) => state === 'EXPIRED');
  const answer = await download(job, { authorization: await tokenOf({ organisationId }) });
  expect(answer.status).toBe(409);
}, 60_000);

test('an export that is cancelled ends where it is', async () => {
  await lrs.clickHouse.command({ query: manyStatements('org_cancelled', 200_000) });
  const job = await asker.ask({ kind: 'EXPORT', organisationId: 'org_cancelled' });
  await asker.until(job, ({ done }) => done > 0);
  await asker.cancel(job, 'org_elsewhere');
  await asker.cancel(job, 'org_cancelled');
  expect(await asker.end(job)).toMatchObject({ state: 'CANCELLED' });
  expect((await asker.end(job)).done).toBeLessThan(200_000);
}, 60_000);

test('kill -9 in the middle: the export goes on, and has each line once', async () => {
  const ground = await prepareGround();
  const own = await createStoreAsker(ground.log);
  let ingest = await startProcess('lrs/src/ingest/main.ts', ground.env);
  const organisationId = `org_${randomUUID()}`;
  await ground.clickHouse.command({ query: manyStatements(organisationId, 400_000) });
  const job = await own.ask({ kind: 'EXPORT', organisationId });
  const seen: number[] = [];
  for (const least of [1, 120_000, 240_000]) {
    seen.push((await own.until(job, ({ done }) => done >= least)).done);
    await ingest.kill();
    ingest = await startProcess('lrs/src/ingest/main.ts', ground.env);
  }
  const end = await own.end(job);
  expect(end).toMatchObject({ state: 'DONE', done: 400_000, written: 400_000 });
  // It went on, and did not begin again.
  expect(own.told(job).map(({ done }) => done)).toEqual(
    own
      .told(job)
      .map(({ done }) => done)
      .sort((a, b) => a - b),
  );
  expect(seen.every((done) => done < 400_000)).toBe(true);
  const receive = await startProcess('lrs/src/receive/main.ts', { ...ground.env, JWKS_URL: issuer.jwksUrl });
  const lines = await eventually(async () => {
    const answer = await download(job, { authorization: await tokenOf({ organisationId }) }, receive.url);
    expect(answer.status).toBe(200);
    return linesOf(Buffer.from(await answer.arrayBuffer()));
  });
  expect(lines).toHaveLength(400_000);
  expect(new Set(idsIn(lines)).size).toBe(400_000);
  own.stop();
  await receive.stop();
  await ingest.stop();
  await ground.close();
}, 180_000);
