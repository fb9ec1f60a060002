import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { agentKey, verbs, type Identifier, type Statement } from '@lyceum/xapi';
import { isFoundBy, type BoundQuery, type StatementFilter } from '@lyceum/xapi/query';
import { selectKeyedPage } from '../src/query/keyed-page.ts';
import {
  createStatementReader,
  type FoundPage,
  type StatementReader,
} from '../src/query/select-statements.ts';
import { keep, voiding } from './kit/reading.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { statement } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

const organisationId = 'org_a';
const snapshot = '2200-01-01 00:00:00.000000';
const manyBytes = 4 * 2 ** 20;

let lrs: Lrs;
let client: XapiClient;
let reader: StatementReader;

beforeAll(async () => {
  lrs = await startLrs();
  client = await lrs.client(organisationId);
  reader = createStatementReader(lrs.clickHouse);
}, 60_000);
afterAll(() => lrs.stop());

async function select({ query, parameters }: BoundQuery): Promise<string[][]> {
  const answer = await lrs.clickHouse.query({ query, query_params: parameters, format: 'TabSeparatedRaw' });
  return (await answer.text())
    .split('\n')
    .slice(0, -1)
    .map((row) => row.split('\t'));
}

interface Row {
  readonly id: string;
  readonly stored: string;
  readonly statement: Statement;
}

/** All of them, in the order of ClickHouse. */
async function allRows(ascending: boolean): Promise<Row[]> {
  const direction = ascending ? 'ASC' : 'DESC';
  const rows = await select({
    query: `SELECT toString(id), toString(stored), statement FROM statements WHERE organisation = {organisation:String}
      ORDER BY stored ${direction}, id ${direction}`,
    parameters: { organisation: organisationId },
  });
  return rows.map(([id = '', stored = '', text = '']) => ({
    id,
    stored,
    statement: JSON.parse(text) as Statement,
  }));
}

type Read = (page: Parameters<StatementReader['selectPage']>[0]) => Promise<FoundPage>;

async function walk(read: Read, filter: StatementFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let after: { stored: string; id: string } | undefined;
  for (;;) {
    const { statements, further } = await read({ organisationId, filter, limit, snapshot, after });
    expect(statements.length).toBeLessThanOrEqual(limit);
    ids.push(...statements.map(({ id }) => id));
    if (!further) return ids;
    after = statements.at(-1);
    expect(after).toBeDefined();
  }
}

const home = 'http://lyceum.example';
const agents: Identifier[] = [
  { account: { homePage: home, name: 'user_ada' } },
  { mbox: 'mailto:ada@lyceum.example' },
  { mbox: 'mailto:Ada@Lyceum.example' },
  { mbox_sha1sum: 'EBD31E95054C018B10727CCFFD2EF2EC3A016EE9' },
  { openid: 'http://ada.example/' },
];
const keyOf = (agent: Identifier) => agentKey(agent) ?? '';
const activity = (name: string) => `${home}/xapi/activities/${name}`;
const registrations = [randomUUID(), randomUUID()];

function varied(index: number): Record<string, unknown> {
  const one = agents[index % agents.length];
  const other = agents[(index * 7 + 1) % agents.length];
  const group = { objectType: 'Group', member: [other] };
  return statement({
    actor: [one, one, { ...group }, { ...one, objectType: 'Group', member: [other] }][index % 4],
    verb: { id: index % 3 === 0 ? verbs.completed : verbs.experienced },
    object: [
      { id: activity(`item_${String(index % 4)}`) },
      { id: activity(`item_${String(index % 3)}`) },
      { objectType: 'Agent', ...other },
      group,
    ][(index >> 2) % 4],
    context: {
      ...(index % 5 < 2 && { registration: registrations[index % 5] }),
      ...(index % 6 === 0 && { instructor: other }),
      contextActivities: { grouping: [{ id: activity(`course_${String(index % 2)}`) }] },
    },
  });
}

let voided: string[] | undefined;

/** Some are voided, whose ids it answers, and some were stored at one instant, as an import brings them. */
async function keepVaried(): Promise<string[]> {
  const batch = Array.from({ length: 80 }, (_, index) => varied(index));
  const ids = await keep(lrs, client, batch);
  const targets = [ids[5] ?? '', ids[30] ?? ''];
  await keep(lrs, client, targets.map(voiding));
  await lrs.clickHouse.command({
    query: `INSERT INTO statements SELECT * REPLACE (generateUUIDv4() AS id) FROM statements
      WHERE organisation = 'org_a' AND id IN ('${ids.slice(60, 66).join("','")}')`,
  });
  return targets;
}

function filtersOf(ascending: boolean): StatementFilter[] {
  return [
    ...agents.flatMap((agent) =>
      [false, true].map((relatedAgents) => ({ agent: keyOf(agent), relatedAgents })),
    ),
    ...['item_0', 'item_3', 'course_1', 'none'].flatMap((name) =>
      [false, true].map((relatedActivities) => ({ activity: activity(name), relatedActivities })),
    ),
    ...registrations.map((registration) => ({ registration })),
    { agent: keyOf({ account: { homePage: home, name: 'lrskey_org_a_1' } }), relatedAgents: true },
  ].flatMap((filter) => [
    { ...filter, ascending },
    { ...filter, verb: verbs.completed, ascending },
  ]);
}

describe.each([true, false])('with ascending %s', (ascending) => {
  let rows: Row[];

  beforeAll(async () => {
    voided ??= await keepVaried();
    rows = await allRows(ascending);
  }, 60_000);

  /** What voids a statement is found by it as well. */
  function expected(filter: StatementFilter): string[] {
    const isFound = (row: Row | undefined) => row !== undefined && isFoundBy(filter, row.statement);
    const target = ({ statement: { object } }: Row) =>
      rows.find(({ id }) => object.objectType === 'StatementRef' && object.id === id);
    return rows
      .filter(({ id }) => !voided?.includes(id))
      .filter((row) => isFound(row) || isFound(target(row)))
      .map(({ id }) => id);
  }

  test.each([3, 50])(
    'pages of %s have what the filter finds, in order, once each',
    async (limit) => {
      for (const filter of filtersOf(ascending)) {
        const found = await walk((page) => reader.selectPage(page), filter, limit);
        expect([filter, found]).toEqual([filter, expected(filter)]);
      }
    },
    120_000,
  );

  test('what statement_keys tells by itself is the same', async () => {
    let told = 0;
    for (const filter of filtersOf(ascending)) {
      const page = { organisationId, filter, limit: 200, snapshot };
      const found = await selectKeyedPage(select, page, manyBytes);
      if (found === null) continue;
      told += 1;
      expect(found).toMatchObject({ further: false });
      expect([filter, found.statements.map(({ id }) => id)]).toEqual([filter, expected(filter)]);
    }
    expect(told).toBeGreaterThan(0);
  }, 60_000);
});

describe('many statements of one activity', () => {
  const busy = activity('busy');

  /** Of `count` statements, which lie behind one another or at one instant, the first few are of another authority. */
  async function fill(count: number, o: { name: string; atOneInstant?: true; large?: true }): Promise<void> {
    await lrs.clickHouse.command({
      query: `INSERT INTO statements (organisation, id, stored, timestamp, verb, object_type, activity, actor,
          related_activities, related_agents, authority, statement)
        SELECT {organisation:String}, generateUUIDv4(), at, at, 'urn:v', 'Activity', {activity:String}, 'openid:a',
          [{activity:String}], ['openid:a'], if(number < 3, 'few', 'many'),
          concat('{"n":', toString(number), ${o.large ? `if(number BETWEEN 3 AND 8, repeat(' ', 1000000), '')` : `''`}, '}')
        FROM (SELECT number, toDateTime64('2026-01-01 00:00:00.000000', 6, 'UTC')
          + toIntervalMicrosecond(${o.atOneInstant ? '0' : 'number'}) AS at FROM numbers({count:UInt32}))`,
      query_params: { organisation: `org_${o.name}`, activity: busy, count },
    });
  }

  async function walked(name: string, filter: Partial<StatementFilter>, limit: number): Promise<number[]> {
    const numbers: number[] = [];
    let after: { stored: string; id: string } | undefined;
    for (;;) {
      const page = { organisationId: `org_${name}`, filter: { ascending: false, activity: busy, ...filter } };
      const { statements, further } = await reader.selectPage({ ...page, limit, snapshot, after });
      numbers.push(...statements.map(({ text }) => (JSON.parse(text) as { n: number }).n));
      if (!further) return numbers;
      after = statements.at(-1);
    }
  }

  test('what is rare among them is found however far it lies', async () => {
    await fill(3_000, { name: 'far' });
    expect(await walked('far', { authority: 'few' }, 2)).toEqual([2, 1, 0]);
    expect(await walked('far', { authority: 'few', ascending: true }, 2)).toEqual([0, 1, 2]);
    expect(await walked('far', { authority: 'nobody' }, 2)).toEqual([]);
    expect(await walked('far', {}, 500)).toEqual(Array.from({ length: 3_000 }, (_, index) => 2_999 - index));
  }, 60_000);

  test('of one instant, all are found, once each', async () => {
    await fill(2_500, { name: 'tie', atOneInstant: true });
    const found = await walked('tie', {}, 500);
    expect(found.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2_500 }, (_, index) => index));
    expect((await walked('tie', { authority: 'few' }, 2)).toSorted()).toEqual([0, 1, 2]);
  }, 60_000);

  test('the newest is one whose keys are there, too', async () => {
    await fill(4, { name: 'half' });
    const newest = () => reader.selectNewestStored('org_half');
    const forgetKeys = (from: number) =>
      lrs.clickHouse.command({
        query: `ALTER TABLE statement_keys DELETE WHERE organisation = 'org_half'
          AND stored >= toDateTime64('2026-01-01 00:00:00.00000${String(from)}', 6, 'UTC')`,
        clickhouse_settings: { mutations_sync: '2' },
      });
    // By another authority than the first three.
    expect(await newest()).toBe('2026-01-01 00:00:00.000003');
    await lrs.clickHouse.command({
      query: `ALTER TABLE statements DELETE WHERE organisation = 'org_half' AND authority = 'many'`,
      clickhouse_settings: { mutations_sync: '2' },
    });
    await forgetKeys(2);
    expect(await newest()).toBe('2026-01-01 00:00:00.000001');
    await forgetKeys(0);
    expect(await newest()).toBeNull();
  }, 60_000);

  test('a page ends where its statements have megabytes, and the next one goes on', async () => {
    await fill(20, { name: 'large', large: true });
    const page = {
      organisationId: 'org_large',
      filter: { ascending: true, activity: busy },
      snapshot,
      limit: 20,
    };
    const { statements, further } = await reader.selectPage(page);
    expect([statements.length, further]).toEqual([7, true]);
    const rest = await reader.selectPage({ ...page, after: statements.at(-1) });
    expect([rest.statements.length, rest.further]).toEqual([13, false]);
    const from = await reader.selectPage({ ...page, after: statements[2] });
    expect([from.statements.length, from.further]).toEqual([4, true]);
    // What the page begins behind has filled it: that tells nothing.
    expect(await selectKeyedPage(select, { ...page, after: statements[2] }, 8)).toBeNull();
  }, 60_000);
});
