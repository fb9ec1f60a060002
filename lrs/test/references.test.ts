import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { about, foundBy, keep, page } from './kit/reading.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { statement } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let client: XapiClient;

beforeAll(async () => {
  lrs = await startLrs();
  client = await lrs.client('org_a');
}, 60_000);
afterAll(() => lrs.stop());

const grace = { mbox: 'mailto:grace@example.org' };
const encoded = (value: unknown) => encodeURIComponent(JSON.stringify(value));

/** A statement, one about it, one about that, and so on: the first is the one that all come to. */
function chain(length: number, end: Record<string, unknown>): Record<string, unknown>[] {
  const all = [end];
  while (all.length < length) all.push(about(String(all.at(-1)?.['id'])));
  return all;
}

const idsOf = (batch: readonly Record<string, unknown>[]) => batch.map(({ id }) => String(id));

/** Orders of arrival, as batches. */
const orders: [string, (batch: Record<string, unknown>[]) => Record<string, unknown>[][]][] = [
  ['at once, the target first', (batch) => [batch]],
  ['at once, the target last', (batch) => [[...batch].reverse()]],
  ['one by one, the target first', (batch) => batch.map((each) => [each])],
  ['one by one, the target last', (batch) => [...batch].reverse().map((each) => [each])],
  [
    'one by one, from the middle',
    (batch) => [...batch.filter((_, i) => i % 2), ...batch.filter((_, i) => !(i % 2))].map((each) => [each]),
  ],
];

describe.each(orders)('a chain of twenty that comes %s', (_name, order) => {
  test('is found whole by what its end says', async () => {
    const registration = randomUUID();
    const batch = chain(20, statement({ context: { registration } }));
    for (const each of order(batch)) await client.post(each);
    await keep(lrs, client, [statement()]);
    const found = await foundBy(client, `?registration=${registration}&limit=0`);
    expect(found.sort()).toEqual(idsOf(batch).sort());
  }, 30_000);
});

test('a chain is found by every filter that its end meets', async () => {
  const verb = { id: `urn:verb:${randomUUID()}` };
  const activity = `urn:activity:${randomUUID()}`;
  const parent = `urn:activity:${randomUUID()}`;
  const member = { account: { homePage: 'urn:home', name: randomUUID() } };
  const instructor = { openid: `https://id.example/${randomUUID()}` };
  const batch = chain(
    3,
    statement({
      verb,
      actor: { objectType: 'Group', member: [grace, member] },
      object: { id: activity },
      context: { instructor, contextActivities: { parent: { id: parent } } },
    }),
  );
  const ids = idsOf(await Promise.resolve(batch)).sort();
  await keep(lrs, client, batch);
  const sorted = async (query: string) => (await foundBy(client, query)).sort();
  expect(await sorted(`?verb=${verb.id}`)).toEqual(ids);
  expect(await sorted(`?activity=${activity}`)).toEqual(ids);
  expect(await sorted(`?activity=${parent}`)).toEqual([]);
  expect(await sorted(`?activity=${parent}&related_activities=true`)).toEqual(ids);
  expect(await sorted(`?agent=${encoded(member)}`)).toEqual(ids);
  expect(await sorted(`?agent=${encoded(instructor)}`)).toEqual([]);
  expect(await sorted(`?agent=${encoded(instructor)}&related_agents=true`)).toEqual(ids);
  expect(await sorted(`?agent=${encoded(member)}&verb=${verb.id}&activity=${activity}`)).toEqual(ids);
  // The conditions are met by one statement together, not by some of a chain each.
  expect(await sorted(`?verb=${verb.id}&activity=urn:activity:none`)).toEqual([]);
});

test('since, until, limit and order are those of the referring statement', async () => {
  const verb = { id: `urn:verb:${randomUUID()}` };
  const [end] = await keep(lrs, client, [statement({ verb })]);
  const [refers] = await keep(lrs, client, [about(String(end))]);
  const [{ stored } = { stored: '' }] = (await page(client, `?verb=${verb.id}&ascending=true&limit=1`))
    .statements;
  expect(await foundBy(client, `?verb=${verb.id}&since=${stored}`)).toEqual([refers]);
  expect(await foundBy(client, `?verb=${verb.id}&until=${stored}`)).toEqual([end]);
  const first = await page(client, `?verb=${verb.id}&limit=1`);
  expect(first.statements.map(({ id }) => id)).toEqual([refers]);
  expect(await foundBy(client, first.more)).toEqual([end]);
});

test('a loop, and a statement about itself, end', async () => {
  const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
  const verb = { id: `urn:verb:${randomUUID()}` };
  await keep(lrs, client, [
    about(two, { id: one, verb }),
    about(three, { id: two }),
    about(one, { id: three }),
  ]);
  expect((await foundBy(client, `?verb=${verb.id}`)).sort()).toEqual([one, two, three].sort());
  const self = randomUUID();
  await keep(lrs, client, [about(self, { id: self, verb: { id: 'urn:verb:self' } })]);
  expect(await foundBy(client, '?verb=urn:verb:self')).toEqual([self]);
});

test('a StatementRef in the context, or in a SubStatement, refers to nothing', async () => {
  const verb = { id: `urn:verb:${randomUUID()}` };
  const [end] = await keep(lrs, client, [statement({ verb })]);
  const reference = { objectType: 'StatementRef', id: end };
  const { actor } = statement();
  await keep(lrs, client, [
    statement({ context: { statement: reference } }),
    statement({
      object: { objectType: 'SubStatement', actor, verb: { id: 'urn:verb:any' }, object: reference },
    }),
  ]);
  expect(await foundBy(client, `?verb=${verb.id}`)).toEqual([end]);
});

test('another organisation’s statement with the id is not reached', async () => {
  const other = await lrs.client('org_b');
  const verb = { id: `urn:verb:${randomUUID()}` };
  const [end] = await keep(lrs, other, [statement({ verb })]);
  await keep(lrs, client, [about(String(end))]);
  expect(await foundBy(client, `?verb=${verb.id}`)).toEqual([]);
  expect(await foundBy(other, `?verb=${verb.id}`)).toEqual([end]);
});

test('a key that reads its own learns nothing of another’s statement by a reference of its own', async () => {
  const mine = await lrs.client('org_a', ['statements/read/mine', 'statements/write']);
  const verb = { id: `urn:verb:${randomUUID()}` };
  const [foreign] = await keep(lrs, client, [statement({ verb })]);
  const [own] = await keep(lrs, mine, [statement({ verb })]);
  const [, refers] = await keep(lrs, mine, [about(String(foreign)), about(String(own))]);
  expect(await foundBy(mine, `?verb=${verb.id}`)).toEqual([refers, own]);
});

test('a page that was begun before a target came goes on as it began', async () => {
  const verb = { id: `urn:verb:${randomUUID()}` };
  const end = statement({ verb });
  const [first, , third] = await keep(lrs, client, [
    statement({ verb }),
    about(String(end['id'])),
    statement({ verb }),
  ]);
  const begun = await page(client, `?verb=${verb.id}&limit=1&ascending=true`);
  expect(begun.statements.map(({ id }) => id)).toEqual([first]);
  await keep(lrs, client, [end]);
  expect(await foundBy(client, begun.more)).toEqual([third]);
  expect(await foundBy(client, `?verb=${verb.id}`)).toHaveLength(4);
});
