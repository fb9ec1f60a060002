import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LogRecord, RecordBatch } from '@lyceum/events';
import { openDatabase } from '@lyceum/postgres';
import { workspaceFile } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import { createOwnStatementWriter, isTimestamp, statementsTopic, type Statement } from '@lyceum/xapi';
import { createConsequences } from '../src/ingest/consequences.ts';
import { createDefinitionTable } from '../src/ingest/definition-table.ts';
import { createDefinitions } from '../src/ingest/definitions.ts';
import { createIngestedDatabaseIds } from '../src/ids/ingested-ids.ts';
import { createLookUps } from '../src/ids/look-ups.ts';
import { createIngester, type Ingester } from '../src/ingest/ingester.ts';
import { prepareClickHouse } from '../src/ingest/prepare-clickhouse.ts';
import { createReferenceTable } from '../src/ingest/reference-table.ts';
import { createReferences } from '../src/ingest/references.ts';
import type { Block } from '../src/ingest/block.ts';
import { createStatementTable, type StatementTable } from '../src/ingest/statement-table.ts';
import { startIngest } from '../src/ingest/main.ts';
import { readEnv } from '../src/ingest/env.ts';
import { rollUps } from '../src/roll-ups/roll-up.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore } from '../src/store/store.ts';
import { prepareGround, publicUrl, type Ground } from './kit/lrs.ts';
import { statement, statements } from './kit/statements.ts';

let ground: Ground;
let ingester: Ingester;
let close: () => Promise<void>;
/** What each call of `handle` wrote and left out. */
let written: [number, number][] = [];
let probes = 0;
/** How many inserts succeed before one that a crash breaks off. */
let wholeInserts = Infinity;
const underWay = new EventEmitter();

const select = async (query: string) =>
  (await (await ground.clickHouse.query({ query, format: 'TabSeparated' })).text()).trim();

/** What activity_minutes has; the other roll-ups must have as many statements. */
async function selectMinutes(): Promise<string> {
  const counted = await select('SELECT sum(statements) FROM activity_minutes');
  for (const { table } of rollUps)
    expect([table, await select(`SELECT sum(statements) FROM ${table}`)]).toEqual([table, counted]);
  return select('SELECT sum(statements), sum(mentions), uniqIfMerge(actors) FROM activity_minutes');
}

const writer = createOwnStatementWriter({ publicUrl });

function recordOf(
  offset: number,
  batch: readonly Record<string, unknown>[],
  organisation = 'org_a',
): LogRecord {
  const { key, value, headers } = writer.record(organisation, batch as unknown as Statement[]);
  return {
    topic: statementsTopic,
    partition: 0,
    offset: String(offset),
    key,
    value: Buffer.from(value),
    headers,
    appendedAt: new Date(offset),
    cursor: '',
  };
}

function batchOf(...records: LogRecord[]): RecordBatch {
  return { topic: statementsTopic, partition: 0, records, signal: new AbortController().signal };
}

/** What a crash may leave of an insert: ClickHouse writes a table and its roll-ups one after another. */
async function insertHalf(table: StatementTable, block: Block): Promise<never> {
  const views = ['activity_minutes', ...rollUps.map((each) => each.table)].map(
    (each) => `${each}_of_statements`,
  );
  for (const view of views) await ground.clickHouse.command({ query: `DETACH TABLE ${view}` });
  await table.insert(block, new AbortController().signal);
  for (const view of views) await ground.clickHouse.command({ query: `ATTACH TABLE ${view}` });
  throw new Error('crashed');
}

beforeEach(async () => {
  ground = await prepareGround();
  const { DATABASE_URL: serverUrl = '', CLICKHOUSE_URL: clickHouseUrl = '' } = ground.env;
  const migrations = workspaceFile('lrs', 'prisma/migrations');
  const database = await openDatabase({ serverUrl, service: 'lrs', migrations, poolSize: 2 });
  const store = createStore(new PrismaClient({ adapter: database.adapter }));
  await prepareClickHouse(clickHouseUrl, store);
  written = [];
  probes = 0;
  wholeInserts = Infinity;
  const table = createStatementTable(ground.clickHouse);
  const ids = createIngestedDatabaseIds(store.statementClaims);
  ingester = createIngester({
    blocks: store.ingestBlocks,
    ids,
    lookUps: createLookUps({ ids, lag: () => Promise.resolve([]) }),
    table: {
      ...table,
      insert: async (block, signal) => {
        const inserting = wholeInserts === 0 ? insertHalf(table, block) : table.insert(block, signal);
        wholeInserts -= 1;
        underWay.emit('insert');
        await inserting;
      },
      probe: (rows, signal) => {
        probes += 1;
        return table.probe(rows, signal);
      },
    },
    selectErased: store.erasedPeople.selectSince,
    consequences: createConsequences({
      references: createReferences(createReferenceTable(ground.clickHouse)),
      definitions: createDefinitions(createDefinitionTable(ground.clickHouse)),
    }),
    fullBytes: 2 ** 20,
    onWritten: (...counts) => written.push(counts),
  });
  close = () => database.close();
}, 60_000);

afterEach(async () => {
  await close();
  await ground.close();
});

describe('records that come again after a crash between the insert and the commit', () => {
  const records = [
    recordOf(0, statements(10)),
    recordOf(1, statements(10)),
    recordOf(2, statements(10)),
  ] as const;

  test('in the same batch: every statement and every count once', async () => {
    await ingester.handle(batchOf(...records));
    await ingester.handle(batchOf(...records));
    expect([await ground.count(), await selectMinutes()]).toEqual([30, '30\t30\t1']);
  });

  test('in a longer batch: the old block again, then a block of what is new', async () => {
    await ingester.handle(batchOf(records[0], records[1]));
    await ingester.handle(batchOf(...records));
    expect(written).toEqual([
      [20, 0],
      [20, 0],
      [10, 0],
    ]);
    expect([await ground.count(), await selectMinutes()]).toEqual([30, '30\t30\t1']);
  });

  test('in a shorter batch: what is there is left out', async () => {
    await ingester.handle(batchOf(...records));
    await ingester.handle(batchOf(records[0]));
    await ingester.handle(batchOf(records[1], records[2], recordOf(3, statements(1))));
    expect([await ground.count(), await selectMinutes()]).toEqual([31, '31\t31\t1']);
  });

  test('after the insert was given up half-way, which ends the waiting for it', async () => {
    const stop = new AbortController();
    underWay.once('insert', () => {
      stop.abort();
    });
    const given = ingester.handle({ ...batchOf(...records), signal: stop.signal });
    await expect(given).rejects.toThrow();
    expect(written).toEqual([]);
    await ingester.handle(batchOf(...records));
    expect([await ground.count(), await selectMinutes()]).toEqual([30, '30\t30\t1']);
  });

  test('in a longer batch, when an insert was in the table alone: the roll-up gets it', async () => {
    wholeInserts = 0;
    await expect(ingester.handle(batchOf(records[0], records[1]))).rejects.toThrow('crashed');
    await ingester.handle(batchOf(...records));
    expect([await ground.count(), await selectMinutes()]).toEqual([30, '30\t30\t1']);
  });

  test('in a longer batch, of which the second block was in the table alone: the roll-up gets it', async () => {
    await ingester.handle(batchOf(records[0]));
    wholeInserts = 1;
    await expect(ingester.handle(batchOf(records[0], records[1]))).rejects.toThrow('crashed');
    expect(await selectMinutes()).toBe('10\t10\t1');
    await ingester.handle(batchOf(...records));
    expect([await ground.count(), await selectMinutes()]).toEqual([30, '30\t30\t1']);
  });

  test('from the beginning of the log, after its offsets were lost', async () => {
    await ingester.handle(batchOf(records[0]));
    await ingester.handle(batchOf(records[1]));
    await ingester.handle(batchOf(records[2]));
    await ingester.handle(batchOf(...records));
    expect([await ground.count(), await selectMinutes()]).toEqual([30, '30\t30\t1']);
  });
});

describe('an id that is taken', () => {
  const [first, second] = [statement(), statement()];
  const changed = { ...first, result: { response: 'changed' } };

  test('within one block: the first statement stays', async () => {
    await ingester.handle(batchOf(recordOf(0, [first]), recordOf(1, [changed, second])));
    expect(await ground.count()).toBe(2);
    expect(await ground.count(`statement LIKE '%changed%'`)).toBe(0);
  });

  test('in a later block: the first statement stays, also when the later block comes again', async () => {
    await ingester.handle(batchOf(recordOf(0, [first])));
    const later = batchOf(recordOf(1, [changed, second]));
    await ingester.handle(later);
    await ingester.handle(later);
    expect(await ground.count()).toBe(2);
    expect(await ground.count(`statement LIKE '%changed%'`)).toBe(0);
    expect(await selectMinutes()).toBe('2\t2\t1');
  });

  test('in another organisation is another id', async () => {
    await ingester.handle(batchOf(recordOf(0, [first]), recordOf(1, [first], 'org_b')));
    await ingester.handle(batchOf(recordOf(2, [second]), recordOf(3, [second], 'org_b')));
    expect(await ground.count()).toBe(4);
  });
});

test('a block may have more ids than one statement of ClickHouse holds', async () => {
  const all = statements(28_950);
  const again = [all.at(0), all.at(-1), statement()] as Record<string, unknown>[];
  await ingester.handle(batchOf(...[0, 1, 2].map((n) => recordOf(n, all.slice(n * 9_650, (n + 1) * 9_650)))));
  await ingester.handle(batchOf(recordOf(3, [...again, ...statements(28_000)])));
  expect(written).toEqual([
    [28_950, 0],
    [28_001, 2],
  ]);
}, 30_000);

test('two writers of one partition write one block', async () => {
  const records = [recordOf(0, statements(10)), recordOf(1, statements(10))] as const;
  await Promise.all([ingester.handle(batchOf(records[0])), ingester.handle(batchOf(...records))]);
  expect([await ground.count(), await selectMinutes()]).toEqual([20, '20\t20\t1']);
});

describe('an unreadable record', () => {
  const bad: [string, (record: LogRecord) => LogRecord][] = [
    ['of another format', (record) => ({ ...record, headers: { ...record.headers, format: 'x' } })],
    ['that is cut off', (record) => ({ ...record, value: record.value.subarray(0, -10) })],
    [
      'with a line that ClickHouse can not read',
      (record) => ({
        ...record,
        value: Buffer.from(record.value.toString().replace(/\t20\d\d-/, '\tnever-')),
      }),
    ],
  ];

  test.each(bad)('%s is put aside, and the others are written', async (_name, spoil) => {
    const ingest = await startIngest(readEnv(ground.env));
    const good = recordOf(0, statements(3));
    await ground.log.append([good, spoil(recordOf(1, statements(2))), recordOf(2, statements(1))]);
    await eventually(async () => {
      expect(await ground.count()).toBe(4);
    });
    const letters: LogRecord[] = [];
    const consumer = await ground.log.consume({
      topics: ['statements.dead-letter'],
      group: 'test',
      handle: ({ records }) => {
        letters.push(...records);
        return Promise.resolve();
      },
    });
    await eventually(() => {
      expect(letters).toHaveLength(1);
    });
    expect(letters[0]?.headers['dead-letter-reason']).toBeTruthy();
    await consumer.stop();
    await ingest.stop();
  });
});

/** Valid ones: what a timestamp may look like, by its parts. */
function oddTimestamps(): string[] {
  const days = [
    '0000-01-01',
    '0001-01-01',
    '1899-12-31',
    '1969-12-31',
    '2016-12-31',
    '2299-12-31',
    '9999-12-31',
  ];
  const times = ['00:00', '23:59:59', '23:59:60', '24:00', '24:00:00'];
  const fractions = [
    '',
    '.0',
    ',5',
    '.123456',
    ...[7, 18, 19, 20, 21, 39, 200].map((digits) => `.${'9'.repeat(digits)}`),
  ];
  const zones = ['', 'Z', '+14', '+0100', '-23:59'];
  const all = days.flatMap((day) =>
    times.flatMap((time) =>
      fractions.flatMap((fraction) => zones.map((zone) => `${day}T${time}${fraction}${zone}`)),
    ),
  );
  return all.filter(isTimestamp);
}

test('no timestamp that the validator accepts is one that ClickHouse refuses', async () => {
  const batch = oddTimestamps().map((timestamp) => statement({ timestamp }));
  expect(batch.length).toBeGreaterThan(800);
  await ingester.handle(batchOf(recordOf(0, batch)));
  expect(await ground.count()).toBe(batch.length);
  expect(await ground.count(`timestamp < '1900-01-01' OR timestamp >= '2300-01-01'`)).toBe(0);
});

test('bad records among many are found in a few probes each', async () => {
  const records = Array.from({ length: 64 }, (_, offset) => recordOf(offset, statements(1)));
  const bad = new Set(['17', '50']);
  const spoilt = records.map((record) =>
    bad.has(record.offset)
      ? { ...record, value: Buffer.from(record.value.toString().replace(/\t20\d\d-/, '\tnever-')) }
      : record,
  );
  await expect(ingester.handle(batchOf(...spoilt))).rejects.toMatchObject({ offset: '17' });
  await expect(
    ingester.handle(batchOf(...spoilt.filter(({ offset }) => offset !== '17'))),
  ).rejects.toMatchObject({
    offset: '50',
  });
  expect(probes).toBeLessThanOrEqual(2 * 7);
  await ingester.handle(batchOf(...spoilt.filter(({ offset }) => !bad.has(offset))));
  expect(await ground.count()).toBe(62);
});

describe('migrations of ClickHouse', () => {
  test('are applied once, and refuse what a newer version wrote', async () => {
    const names = await ground.clickHouse.query({
      query: 'SELECT name FROM migration ORDER BY name',
      format: 'TabSeparated',
    });
    expect((await names.text()).split('\n').slice(0, 3)).toEqual([
      '0001_statements',
      '0002_activity_minutes',
      '0003_statement_erasure',
    ]);
    await ground.clickHouse.command({
      query: `INSERT INTO migration (name, checksum) VALUES ('9999_later', '')`,
    });
    await expect(startIngest(readEnv(ground.env))).rejects.toThrow(/newer version \(it has 9999_later\)/);
  });
});
