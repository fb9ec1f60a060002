import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMoreCursors, type MoreCursor } from '../src/query/more-cursor.ts';
import { foundBy, keep, page } from './kit/reading.ts';
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

const cursor: MoreCursor = {
  filter: { ascending: true, verb: 'urn:x:y' },
  limit: 10,
  format: 'exact',
  attachments: false,
  after: { stored: '2026-11-21 10:00:00.000000', id: randomUUID() },
  snapshot: '2026-11-21 11:00:00.000000',
};
const secret = Buffer.from('a secret');
const owner = { organisationId: 'org_a' };

describe('a cursor', () => {
  const cursors = createMoreCursors({ secret });
  const encoded = cursors.encode(cursor, owner);

  test('is read by every process that has the secret', () => {
    expect(createMoreCursors({ secret }).decode(encoded, owner)).toEqual(cursor);
  });

  test.each([
    ['of another secret', () => createMoreCursors({ secret: Buffer.from('other') }).decode(encoded, owner)],
    ['of another organisation', () => cursors.decode(encoded, { organisationId: 'org_b' })],
    ['of a key that reads its own', () => cursors.decode(encoded, { ...owner, authority: 'account:x|y' })],
    [
      'with a byte changed',
      () => cursors.decode(`${encoded.startsWith('e') ? 'f' : 'e'}${encoded.slice(1)}`, owner),
    ],
    ['without a signature', () => cursors.decode(encoded.slice(0, encoded.lastIndexOf('.')), owner)],
    ['of nothing', () => cursors.decode('', owner)],
    ['of a dot', () => cursors.decode('.', owner)],
  ])('%s opens nothing', (_name, decode) => {
    expect(decode()).toBe('FOREIGN');
  });

  test('of a key that reads its own is of no other, and does not say whose it is', () => {
    const mine = { ...owner, authority: 'account:x|one' };
    const own = cursors.encode({ ...cursor, filter: { ...cursor.filter, authority: 'account:x|one' } }, mine);
    expect(cursors.decode(own, mine)).toEqual(cursor);
    expect(cursors.decode(own, owner)).toBe('FOREIGN');
    expect(cursors.decode(own, { ...owner, authority: 'account:x|two' })).toBe('FOREIGN');
  });

  test('leads on for 24 hours', () => {
    const day = 24 * 60 * 60_000;
    const at = (now: number) => createMoreCursors({ secret, now: () => now });
    const made = at(0).encode(cursor, owner);
    expect(at(day).decode(made, owner)).toEqual(cursor);
    expect(at(day + 1).decode(made, owner)).toBe('EXPIRED');
  });
});

describe.each(['true', 'false'])('pages with ascending=%s', (ascending) => {
  test('have what was there at the first, once each, however much comes meanwhile', async () => {
    const verb = { id: `urn:verb:${randomUUID()}` };
    const ids = await keep(lrs, client, statements(9, { verb }));
    const seen: string[] = [];
    let more = `?verb=${verb.id}&limit=2&ascending=${ascending}`;
    while (more !== '') {
      const next = await page(client, more);
      seen.push(...next.statements.map(({ id }) => id));
      more = next.more;
      await keep(lrs, client, statements(3, { verb }));
    }
    expect(seen).toEqual(ascending === 'true' ? ids : [...ids].reverse());
  });
});

test('a page that ends by its bytes leads on to all of the rest', async () => {
  const verb = { id: `urn:verb:${randomUUID()}` };
  const ids: string[] = [];
  for (let i = 0; i < 5; i += 1)
    ids.push(...(await keep(lrs, client, [statement({ verb, result: { response: 'é'.repeat(900_000) } })])));
  const seen: string[][] = [];
  for (let more = `?verb=${verb.id}&ascending=true&limit=4`; more !== '';) {
    const next = await page(client, more);
    seen.push(next.statements.map(({ id }) => id));
    more = next.more;
  }
  expect(seen).toEqual([ids.slice(0, 3), ids.slice(3)]);
});

test('a cursor is 400 for another parameter beside it, for another organisation, and changed', async () => {
  const verb = { id: `urn:verb:${randomUUID()}` };
  await keep(lrs, client, statements(2, { verb }));
  const { more } = await page(client, `?verb=${verb.id}&limit=1`);
  const query = more.slice('/xapi/statements'.length);
  const other = await lrs.client('org_b');
  const mine = await lrs.client('org_a', ['statements/read/mine', 'statements/write']);
  const again = await lrs.client('org_a');
  expect(await foundBy(again, query)).toHaveLength(1);
  for (const [reader, asked] of [
    [other, query],
    [mine, query],
    [client, `${query}&limit=5`],
    [client, query.slice(0, -1)],
    [client, query.replace('more=e', 'more=f')],
  ] as const)
    expect((await reader.get(asked)).status).toBe(400);
});

test.each([
  ['2026-01-01T00:00:00.123456Z', '2026-01-01T00:00:00.123457Z'],
  ['2026-01-01T00:00:00.1234569Z', '2026-01-01T00:00:00.123457Z'],
])('since %s is exact to the microsecond', async (since, next) => {
  const { status } = await client.get(`?since=${since}&until=${next}`);
  expect(status).toBe(200);
  const verb = { id: `urn:verb:${randomUUID()}` };
  await keep(lrs, client, statements(2, { verb }));
  const [first, second] = (await page(client, `?verb=${verb.id}&ascending=true`)).statements;
  const before = (instant = '') =>
    instant.replace(/(\d{6})Z$/, (_all, micros: string) => `${String(Number(micros) - 1).padStart(6, '0')}Z`);
  expect(await foundBy(client, `?verb=${verb.id}&since=${first?.stored ?? ''}`)).toEqual([second?.id]);
  expect(await foundBy(client, `?verb=${verb.id}&until=${before(second?.stored)}`)).toEqual([first?.id]);
});
