import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createClickHouseClient, ensureDatabase, migrate } from '@lyceum/clickhouse';
import { workspaceFile } from '@lyceum/service';
import { temporaryDirectory } from '@lyceum/testing';
import { expect, test } from '@jest/globals';
import { startClickHouse } from './kit/lrs.ts';

const table = 'migration';
const directory = workspaceFile('lrs', 'clickhouse/migrations');

/** The migrations of before. */
function older(): string {
  const copies = temporaryDirectory();
  for (const file of readdirSync(directory).filter((name) => name < '0028'))
    copyFileSync(join(directory, file), join(copies, file));
  return copies;
}

test('statements of before keep all that they had, are found by their keys, and are counted once, however often it is cut off', async () => {
  const url = `${(await startClickHouse()).url}/before`;
  await ensureDatabase(url);
  const client = createClickHouseClient({ url, application: 'test' });
  const read = async (query: string) =>
    (await (await client.query({ query, format: 'TabSeparated' })).text()).trim();
  const insert = (from: number) =>
    client.command({
      query: `INSERT INTO statements (organisation, id, stored, timestamp, verb, object_type, activity, actor,
          related_activities, related_agents, authority, statement)
        SELECT 'org_a', generateUUIDv4(), at, at, 'urn:v', 'Activity', 'urn:a', 'openid:a', ['urn:a'], ['openid:a'], 'key', '{}'
        FROM (SELECT toDateTime64('2026-01-01 00:00:00', 6, 'UTC') + number AS at FROM numbers(${String(from)}, 1000))`,
    });
  const figures = async () => ({
    statements: await read('SELECT count(), sum(cityHash64(id, stored, actor, statement)) FROM statements'),
    counted: await read('SELECT sum(statements) FROM verb_minutes'),
    granules: await read("SELECT count() FROM system.tables WHERE name = 'statements_next'"),
  });
  const keys = () => read('SELECT count(), uniqExact(stored), uniqExact(key) FROM statement_keys');

  await migrate(client, { directory: older(), table });
  await insert(0);
  const before = await figures();
  for (const applied of [['0028_statement_granules', '0029_statement_keys'], ['0028_statement_granules']]) {
    const names = (await migrate(client, { directory, table })).filter((name) => name < '0030');
    expect(names).toEqual(applied);
    expect(await figures()).toEqual(before);
    // An activity, an actor and an authority each.
    expect(await keys()).toBe('3000\t1000\t3');
    await client.command({
      query: `ALTER TABLE ${table} DELETE WHERE name = '0028_statement_granules'`,
      clickhouse_settings: { mutations_sync: '2' },
    });
  }
  await insert(1_000);
  expect((await figures()).counted).toBe('2000');
  expect(await keys()).toBe('6000\t2000\t3');
  await client.close();
}, 60_000);
