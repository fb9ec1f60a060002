import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import { createOwnStatementWriter, createStoredClock, statementFor, verbs } from '@lyceum/xapi';
import { createForwarder, type Forwarder } from './kit/forwarding.ts';
import { publicUrl, startLrs, type Lrs } from './kit/lrs.ts';
import { attachmentOf, attachmentPart, jsonPart, multipart, multipartType } from './kit/multipart.ts';
import { createAsker } from './kit/personal-data.ts';
import { statement, statements } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let source: Lrs;
let target: Lrs;
let fromSource: Forwarder;
let fromTarget: Forwarder;

beforeAll(async () => {
  const env = { STORE_FORWARDING_ALLOW_PRIVATE: '1' };
  [source, target] = [await startLrs(env), await startLrs(env)];
  fromSource = await createForwarder(source.log);
  fromTarget = await createForwarder(target.log);
}, 90_000);
afterAll(async () => {
  fromSource.stop();
  fromTarget.stop();
  await Promise.all([source.stop(), target.stop()]);
});

/** An organisation that is in both stores, with a client of each. */
async function open(): Promise<{ organisationId: string; here: XapiClient; there: XapiClient }> {
  const organisationId = newId('org');
  return {
    organisationId,
    here: await source.client(organisationId),
    there: await target.client(organisationId),
  };
}

/** Forwards to whom the client is one of, with its key. */
function to(forwarder: Forwarder, organisationId: string, client: XapiClient, more = {}): Promise<string> {
  const [, basic = ''] = (client.headers['authorization'] ?? '').split(' ');
  const [key = ''] = Buffer.from(basic, 'base64').toString().split(':');
  return forwarder.forward({ organisationId, endpoint: `${client.url}/xapi`, key, ...more });
}

interface Found {
  statements: { id: string; timestamp: string; stored: string; authority: { account: { name: string } } }[];
}

const all = async (client: XapiClient): Promise<Found['statements']> =>
  ((await client.get('?ascending=true')).body as unknown as Found).statements;

const has = (client: XapiClient, ids: readonly string[]) =>
  eventually(
    async () => {
      expect((await all(client)).map(({ id }) => id)).toEqual(ids);
    },
    { timeoutMs: 30_000 },
  );

test('statements are in the other store as they are here, in their order, under an authority of its own', async () => {
  const { organisationId, here, there } = await open();
  const sent = statements(5);
  await here.post(sent);
  await to(fromSource, organisationId, there);
  await has(
    there,
    sent.map(({ id }) => String(id)),
  );
  const [own] = await all(here);
  const [copy] = await all(there);
  expect(copy?.timestamp).toBe(own?.timestamp);
  expect(copy?.stored).not.toBe(own?.stored);
}, 60_000);

test('a statement that comes behind the place, late, is sent all the same; one from before the beginning is not', async () => {
  const { organisationId, here, there } = await open();
  const since = new Date(Date.now() - 60_000);
  const id = await to(fromSource, organisationId, there, { since: since.toISOString() });
  const [first] = statements(1);
  await here.post([first]);
  await has(there, [String(first?.['id'])]);
  await fromSource.until(id, ({ sent }) => sent === 1);
  const at = async (ms: number) => {
    const clock = createStoredClock(() => ms);
    const writer = createOwnStatementWriter({ publicUrl, clock });
    const own = statementFor({
      ...{ publicUrl, userId: 'user_ada', verb: 'completed' },
      activity: { id: newId('item') },
    });
    const record = writer.record(organisationId, [own]);
    await source.log.append([{ ...record, value: Buffer.from(record.value) }]);
  };
  await at(since.getTime() - 5_000);
  await at(since.getTime() + 5_000);
  await eventually(
    async () => {
      expect(await all(there)).toHaveLength(2);
    },
    { timeoutMs: 30_000 },
  );
  await source.ingested();
  expect(await all(here)).toHaveLength(3);
  await fromSource.until(id, ({ sent }) => sent === 2);
}, 60_000);

test('a voiding statement voids there what it voids here', async () => {
  const { organisationId, here, there } = await open();
  const [voided, other] = statements(2);
  await here.post([voided, other]);
  await here.post([
    statement({ verb: { id: verbs.voided }, object: { objectType: 'StatementRef', id: voided?.['id'] } }),
  ]);
  await to(fromSource, organisationId, there);
  await eventually(
    async () => {
      const { status } = await there.get(`?voidedStatementId=${String(voided?.['id'])}`);
      expect(status).toBe(200);
    },
    { timeoutMs: 30_000 },
  );
}, 60_000);

test('a ring of forwardings ends: equal ids are one statement', async () => {
  const { organisationId, here, there } = await open();
  const [one, other] = [
    await to(fromSource, organisationId, there),
    await to(fromTarget, organisationId, here),
  ];
  const sent = statements(3);
  await here.post(sent);
  await fromTarget.until(other, (progress) => progress.sent === 3);
  const last = statements(1);
  await there.post(last);
  await fromSource.until(one, (progress) => progress.sent === 4);
  await fromTarget.until(other, (progress) => progress.sent === 4);
  const ids = [...sent, ...last].map(({ id }) => String(id));
  await has(here, ids);
  await has(there, ids);
  expect([fromSource.refusals(one), fromTarget.refusals(other)]).toEqual([[], []]);
}, 60_000);

test('a different statement with the id is refused there, and the others go on', async () => {
  const { organisationId, here, there } = await open();
  const sent = statements(4);
  const id = String(sent[1]?.['id']);
  await there.post([statement({ id, verb: { id: verbs.experienced } })]);
  await here.post(sent);
  const forwarding = await to(fromSource, organisationId, there);
  await fromSource.until(forwarding, (progress) => progress.sent === 3 && progress.refused === 1);
  expect(fromSource.refusals(forwarding)).toMatchObject([{ statementId: id, status: 409 }]);
  expect(fromSource.refusals(forwarding)[0]?.reason).toContain('STATEMENT_CONFLICT');
}, 60_000);

test('attachments go along where that is wanted; else statements go without what is nowhere else', async () => {
  const { organisationId, here, there } = await open();
  const text = 'bytes of an attachment';
  const sent = [statement(), statement({ attachments: [attachmentOf(text)] }), statement()];
  const answer = await here.send('POST', '/xapi/statements', {
    body: multipart([jsonPart(sent), attachmentPart(text)]),
    headers: { 'content-type': multipartType },
  });
  expect(answer.status).toBe(200);
  const without = await target.client(newId('org'));
  await to(fromSource, organisationId, there, { attachments: true });
  await to(fromSource, organisationId, without);
  const ids = sent.map(({ id }) => String(id));
  await has(there, ids);
  await has(without, ids);
  const read = (client: XapiClient) => client.get(`?attachments=true&statementId=${ids[1] ?? ''}`);
  expect((await read(there)).text).toContain(text);
  expect((await read(without)).text).not.toContain('sha2');
}, 60_000);

test('who was erased is not sent, and the report says what is out of reach', async () => {
  const { organisationId, here, there } = await open();
  const asker = await createAsker(source.log);
  const ada = { name: 'Ada Lovelace', mbox: 'mailto:ada@example.org' };
  const [before, after] = [statement({ actor: ada }), statement({ actor: ada })];
  const setup = { organisationId };
  const id = await to(fromSource, organisationId, there);
  await here.post([before]);
  await has(there, [String(before['id'])]);
  await fromSource.until(id, ({ sent }) => sent === 1);
  await to(fromSource, organisationId, there, { id, revision: 2, enabled: false });
  await fromSource.until(id, ({ state }) => state === 'PAUSED');
  await here.post([after]);
  await source.ingested();
  const job = await asker.ask({ ...setup, kind: 'ERASURE' });
  const { report } = await asker.answer(job);
  expect(report).toContainEqual(
    expect.objectContaining({ what: 'statements forwarded to other stores', action: 'KEPT', count: 2 }),
  );
  await to(fromSource, organisationId, there, { id, revision: 3 });
  await has(there, [String(before['id']), String(after['id'])]);
  const { text } = await there.get(`?statementId=${String(after['id'])}`);
  expect(text).not.toMatch(/Lovelace|example\.org/);
  asker.stop();
}, 90_000);
