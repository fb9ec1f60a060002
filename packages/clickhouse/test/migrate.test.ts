import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { NewerDataError, StartError } from '@lyceum/service';
import { temporaryDirectory } from '@lyceum/testing';
import {
  ChangedMigrationError,
  createClickHouseClient,
  ensureDatabase,
  migrate,
  type ClickHouseClient,
} from '../src/index.ts';
import { startClickHouse, type RunningClickHouse } from './clickhouse.ts';

let running: RunningClickHouse;
let client: ClickHouseClient;
let made = 0;

beforeAll(async () => {
  running = await startClickHouse();
}, 60_000);
afterAll(() => running.stop());

beforeEach(async () => {
  made += 1;
  const url = `${running.url}/m${String(made)}`;
  await ensureDatabase(url);
  client = createClickHouseClient({ url, application: 'test' });
});
afterEach(() => client.close());

const table = 'test_migration';

function directoryOf(files: Record<string, string>): string {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

async function column(query: string): Promise<string[]> {
  const answer = await client.query({ query, format: 'TabSeparated' });
  return (await answer.text()).split('\n').filter((line) => line !== '');
}

const tables = () =>
  column(`SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name`);

const create = (name: string) =>
  `CREATE TABLE IF NOT EXISTS ${name} (id UInt8) ENGINE = MergeTree ORDER BY id;\n`;
const first = {
  '0001_first.sql': `-- Two tables; this is no end of a statement;\n${create('a')}\n${create('b')}`,
};
const second = { ...first, '0002_second.sql': "INSERT INTO a SELECT length('; --');", 'notes.md': '' };

test('applies what is missing, in order, once', async () => {
  expect(await migrate(client, { directory: directoryOf(first), table })).toEqual(['0001_first']);
  expect(await migrate(client, { directory: directoryOf(second), table })).toEqual(['0002_second']);
  expect(await migrate(client, { directory: directoryOf(second), table })).toEqual([]);
  expect(await tables()).toEqual(['a', 'b', table]);
  expect(await column('SELECT id FROM a')).toEqual(['4']);
});

test('of the same names, each record table knows its own', async () => {
  await migrate(client, { directory: directoryOf(second), table });
  const directory = directoryOf({ '0001_first.sql': create('c') });
  expect(await migrate(client, { directory, table: 'other_migration' })).toEqual(['0001_first']);
  expect(await tables()).toContain('c');
});

test('one that is cut off is run again from its start', async () => {
  const broken = directoryOf({ '0001_first.sql': `${create('a')}INSERT INTO b VALUES (1);\n` });
  await expect(migrate(client, { directory: broken, table })).rejects.toThrow();
  expect(await migrate(client, { directory: directoryOf(first), table })).toEqual(['0001_first']);
  expect(await tables()).toContain('b');
});

test('instances that start at once all come to the same tables', async () => {
  const directory = directoryOf(first);
  await Promise.all(Array.from({ length: 4 }, () => migrate(client, { directory, table })));
  expect(await tables()).toEqual(['a', 'b', table]);
  expect(await migrate(client, { directory, table })).toEqual([]);
});

test('data of a newer version is refused, untouched', async () => {
  await migrate(client, { directory: directoryOf(second), table });
  const older = directoryOf({ ...first, '0001_other.sql': 'DROP TABLE a;' });
  const refused = migrate(client, { directory: older, table });
  await expect(refused).rejects.toThrow(/newer version \(it has 0002_second\)/);
  await expect(refused).rejects.toThrow(NewerDataError);
  await expect(refused).rejects.toThrow(StartError);
  expect(await tables()).toEqual(['a', 'b', table]);
});

test('a migration that was changed after it was applied is refused, and nothing after it applied', async () => {
  await migrate(client, { directory: directoryOf(first), table });
  const changed = directoryOf({ '0001_first.sql': create('a'), '0002_second.sql': create('c') });
  const refused = migrate(client, { directory: changed, table });
  await expect(refused).rejects.toThrow(ChangedMigrationError);
  await expect(refused).rejects.toThrow('0001_first was changed');
  expect(await tables()).toEqual(['a', 'b', table]);
});

test('a statement that bears no repeating is left out where its condition finds a row', async () => {
  const swap = `${create('a')}${create('b')}INSERT INTO a VALUES (1);
-- unless: SELECT 1 FROM a WHERE id = 2
EXCHANGE TABLES a AND b;
INSERT INTO a VALUES (2);`;
  const directory = directoryOf({ '0001_swap.sql': swap });
  await migrate(client, { directory, table });
  expect(await column('SELECT id FROM b')).toEqual(['1']);
  await client.command({ query: `TRUNCATE TABLE ${table}` });
  await migrate(client, { directory, table });
  expect(await column('SELECT DISTINCT id FROM a ORDER BY id')).toEqual(['1', '2']);
  expect(await column('SELECT id FROM b')).toEqual(['1']);
});
