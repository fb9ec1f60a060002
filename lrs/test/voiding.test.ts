import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { about, foundBy, keep, page, voiding } from './kit/reading.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { statement, statements } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let client: XapiClient;

beforeAll(async () => {
  lrs = await startLrs();
  client = await lrs.client('org_a');
}, 60_000);
afterAll(() => lrs.stop());

const status = async (query: string, reader = client) => (await reader.get(query)).status;

describe.each(['before', 'after'])('a statement voided %s it comes', (when) => {
  test('is in no filter and not there by its id, but by voidedStatementId; the voiding one is found', async () => {
    const verb = { id: `urn:verb:voided-${when}` };
    const [target, other] = [statement({ verb }), statement({ verb })];
    const voids = voiding(String(target['id']));
    for (const each of when === 'before' ? [voids, target] : [target, voids]) await keep(lrs, client, [each]);
    await keep(lrs, client, [other]);
    expect((await foundBy(client, `?verb=${verb.id}`)).sort()).toEqual([voids['id'], other['id']].sort());
    expect(await foundBy(client, '?limit=0')).not.toContain(target['id']);
    expect(await status(`?statementId=${String(target['id'])}`)).toBe(404);
    const { text, status: found } = await client.get(`?voidedStatementId=${String(target['id'])}`);
    expect([found, (JSON.parse(text) as { id: string }).id]).toEqual([200, target['id']]);
    expect(await status(`?statementId=${String(voids['id'])}`)).toBe(200);
  });
});

test('a statement that is not voided is not there by voidedStatementId', async () => {
  const [id] = await keep(lrs, client, statements(1));
  expect(await status(`?voidedStatementId=${String(id)}`)).toBe(404);
  expect(await status(`?voidedStatementId=${String(id)}&statementId=${String(id)}`)).toBe(400);
  expect(await status(`?voidedStatementId=${String(id)}&limit=1`)).toBe(400);
});

test('a voiding statement can not be voided, and what it voids stays so', async () => {
  const [target] = await keep(lrs, client, statements(1));
  const first = voiding(String(target));
  await keep(lrs, client, [first, voiding(String(first['id']))]);
  expect(await status(`?statementId=${String(first['id'])}`)).toBe(200);
  expect(await status(`?voidedStatementId=${String(first['id'])}`)).toBe(404);
  expect(await status(`?statementId=${String(target)}`)).toBe(404);
});

test('who refers to a voided statement is found by what that one says', async () => {
  const verb = { id: 'urn:verb:referred' };
  const target = statement({ verb });
  const refers = about(String(target['id']));
  await keep(lrs, client, [refers]);
  await keep(lrs, client, [target, voiding(String(target['id']))]);
  const found = await foundBy(client, `?verb=${verb.id}`);
  expect(found).toContain(refers['id']);
  expect(found).not.toContain(target['id']);
});

describe('who may void', () => {
  test('a key without the scope all voids what it brought itself', async () => {
    const writer = await lrs.client('org_a', ['statements/write', 'statements/read']);
    const own = statement();
    await keep(lrs, writer, [own]);
    await keep(lrs, writer, [voiding(String(own['id']))]);
    expect(await status(`?statementId=${String(own['id'])}`)).toBe(404);
  });

  test('and nothing that others brought: 403, and nothing of the request is stored', async () => {
    const writer = await lrs.client('org_a', ['statements/write']);
    const [foreign] = await keep(lrs, client, statements(1));
    const beside = statement();
    const { status: answered, body } = await writer.post([beside, voiding(String(foreign))]);
    expect([answered, body.error.code]).toEqual([403, 'FORBIDDEN_VOIDING']);
    await keep(lrs, client, statements(1));
    expect(await lrs.count(`id = '${String(beside['id'])}'`)).toBe(0);
    expect(await status(`?statementId=${String(foreign)}`)).toBe(200);
  });

  test('nor what others bring after it', async () => {
    const writer = await lrs.client('org_a', ['statements/write']);
    const foreign = statement();
    await keep(lrs, writer, [voiding(String(foreign['id']))]);
    await keep(lrs, client, [foreign]);
    expect(await status(`?statementId=${String(foreign['id'])}`)).toBe(200);
  });

  test('another organisation voids nothing here', async () => {
    const other = await lrs.client('org_b');
    const [id] = await keep(lrs, client, statements(1));
    await keep(lrs, other, [voiding(String(id))]);
    expect(await status(`?statementId=${String(id)}`)).toBe(200);
  });
});

test('a page that was begun before a voiding goes on as it began', async () => {
  const verb = { id: `urn:verb:${randomUUID()}` };
  const ids = await keep(lrs, client, statements(4, { verb }));
  const first = await page(client, `?verb=${verb.id}&limit=2&ascending=true`);
  await keep(lrs, client, [voiding(String(ids[2]))]);
  expect(await foundBy(client, first.more)).toEqual(ids.slice(2));
  expect(await foundBy(client, `?verb=${verb.id}&ascending=true&limit=2`)).toEqual(ids.slice(0, 2));
  expect(await foundBy(client, `?verb=${verb.id}&ascending=true`)).not.toContain(ids[2]);
});
