import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LogRecord, RecordBatch } from '@lyceum/events';
import { openDatabase } from '@lyceum/postgres';
import { workspaceFile } from '@lyceum/service';
import { createOwnStatementWriter, statementsTopic, type Statement } from '@lyceum/xapi';
import { createIngestedDatabaseIds } from '../src/ids/ingested-ids.ts';
import { createConsequences } from '../src/ingest/consequences.ts';
import { createDefinitionTable } from '../src/ingest/definition-table.ts';
import { createDefinitions } from '../src/ingest/definitions.ts';
import { createLookUps } from '../src/ids/look-ups.ts';
import { createIngester, type Ingester } from '../src/ingest/ingester.ts';
import { prepareClickHouse } from '../src/ingest/prepare-clickhouse.ts';
import { longestChain, walkChain, type KnownStatements } from '../src/ingest/reference-chain.ts';
import { createReferenceTable } from '../src/ingest/reference-table.ts';
import { createReferences } from '../src/ingest/references.ts';
import { createStatementTable } from '../src/ingest/statement-table.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore } from '../src/store/store.ts';
import { prepareGround, publicUrl, type Ground } from './kit/lrs.ts';
import { about, voiding } from './kit/reading.ts';
import { statement } from './kit/statements.ts';

let ground: Ground;
let ingester: Ingester;
let close: () => Promise<void>;
/** How many blocks have their consequences before a crash comes between. */
let whole = Infinity;

const writer = createOwnStatementWriter({ publicUrl });

function recordOf(offset: number, batch: readonly Record<string, unknown>[]): LogRecord {
  const { key, value, headers } = writer.record('org_a', batch as unknown as Statement[]);
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

const batchOf = (...records: LogRecord[]): RecordBatch => ({
  topic: statementsTopic,
  partition: 0,
  records,
  signal: new AbortController().signal,
});

beforeEach(async () => {
  ground = await prepareGround();
  const { DATABASE_URL: serverUrl = '', CLICKHOUSE_URL: clickHouseUrl = '' } = ground.env;
  const migrations = workspaceFile('lrs', 'prisma/migrations');
  const database = await openDatabase({ serverUrl, service: 'lrs', migrations, poolSize: 2 });
  const store = createStore(new PrismaClient({ adapter: database.adapter }));
  await prepareClickHouse(clickHouseUrl, store);
  whole = Infinity;
  const consequences = createConsequences({
    references: createReferences(createReferenceTable(ground.clickHouse)),
    definitions: createDefinitions(createDefinitionTable(ground.clickHouse)),
  });
  const ids = createIngestedDatabaseIds(store.statementClaims);
  ingester = createIngester({
    blocks: store.ingestBlocks,
    ids,
    lookUps: createLookUps({ ids, lag: () => Promise.resolve([]) }),
    table: createStatementTable(ground.clickHouse),
    selectErased: store.erasedPeople.selectSince,
    consequences: {
      write: (kept, signal) => {
        whole -= 1;
        return whole < 0 ? Promise.reject(new Error('crashed')) : consequences.write(kept, signal);
      },
    },
    fullBytes: 2 ** 20,
    onWritten: () => undefined,
  });
  close = () => database.close();
}, 60_000);

afterEach(async () => {
  await close();
  await ground.close();
});

async function select(query: string): Promise<string> {
  return (await (await ground.clickHouse.query({ query, format: 'TabSeparated' })).text()).trim();
}

const reached = () => select('SELECT count() FROM statement_references FINAL');

describe('what follows from a block', () => {
  test('is there after a crash between the two, once the block comes again', async () => {
    const end = statement({ object: { id: 'urn:a:b', definition: { name: { en: 'End' } } } });
    const refers = about(String(end['id']));
    const records = [
      recordOf(0, [end]),
      recordOf(1, [refers, voiding(String(end['id']))]),
      recordOf(2, [about(String(refers['id']))]),
    ];
    whole = 0;
    await expect(ingester.handle(batchOf(...records))).rejects.toThrow('crashed');
    expect(await ground.count()).toBe(4);
    whole = Infinity;
    await ingester.handle(batchOf(...records));
    expect(await reached()).toBe('4');
    expect(await select('SELECT target FROM voids')).toBe(end['id']);
    expect(await select('SELECT activity, part, value FROM activity_definitions')).toBe(
      'urn:a:b\tname/en\t"End"',
    );
  });

  test('is there after a crash between the two, when the block comes again in shorter batches', async () => {
    const end = statement();
    const refers = about(String(end['id']));
    const records = [recordOf(0, [end]), recordOf(1, [refers]), recordOf(2, [about(String(refers['id']))])];
    whole = 0;
    await expect(ingester.handle(batchOf(...records))).rejects.toThrow('crashed');
    whole = Infinity;
    for (const each of records) await ingester.handle(batchOf(each));
    expect([await ground.count(), await reached()]).toEqual([3, '3']);
  });

  test('is the same whatever comes again, in whatever batches', async () => {
    const end = statement();
    const chain = [end];
    while (chain.length < 6) chain.push(about(String(chain.at(-1)?.['id'])));
    const records = [...chain].reverse().map((each, offset) => recordOf(offset, [each]));
    for (const each of records) await ingester.handle(batchOf(each));
    expect(await reached()).toBe('15');
    await ingester.handle(batchOf(...records));
    await ingester.handle(batchOf(...records.slice(0, 3)));
    await ingester.handle(batchOf(...records.slice(2)));
    expect(await reached()).toBe('15');
    expect(await ground.count()).toBe(6);
  });

  test('does not follow from a statement that was left out because its id is taken', async () => {
    const [one, two] = [statement(), statement()];
    const id = randomUUID();
    await ingester.handle(batchOf(recordOf(0, [one, two, about(String(one['id']), { id })])));
    await ingester.handle(
      batchOf(
        recordOf(1, [
          { ...about(String(two['id'])), id, verb: { id: 'http://adlnet.gov/expapi/verbs/voided' } },
        ]),
      ),
    );
    expect(await select('SELECT target FROM statement_references')).toBe(one['id']);
    expect(await select('SELECT count() FROM voids')).toBe('0');
  });

  test('reaches all who waited, however many', async () => {
    const end = statement();
    const waiting = Array.from({ length: 1_203 }, () => about(String(end['id'])));
    await ingester.handle(batchOf(recordOf(0, waiting)));
    expect(await reached()).toBe('0');
    await ingester.handle(batchOf(recordOf(1, [end])));
    expect(await reached()).toBe('1203');
  });
});

test('a chain is followed for a thousand statements, and goes on waiting for none beyond', () => {
  const statements: KnownStatements = new Map();
  const stored = '2026-11-21 10:00:00.000000';
  for (let i = 1; i <= longestChain + 5; i += 1)
    statements.set(String(i), { id: String(i), stored, target: String(i + 1) });
  const from = { id: '0', stored, target: '1', depth: 0, known: stored };
  expect(walkChain(from, statements).reached).toHaveLength(longestChain);
  statements.set(String(longestChain), null);
  const { reached: all, waits } = walkChain(from, statements);
  expect([all.length, waits?.depth]).toEqual([longestChain - 1, longestChain - 1]);
  statements.set(String(longestChain), { id: String(longestChain), stored, target: 'x' });
  const last = walkChain({ ...from, target: String(longestChain), depth: longestChain - 1 }, statements);
  expect([last.reached.length, last.waits, last.unknown]).toEqual([1, undefined, undefined]);
});
