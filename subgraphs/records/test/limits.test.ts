import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { workspaceFile } from '@lyceum/service';
import { temporaryDirectory } from '@lyceum/testing';
import { startRecords } from '../src/main.ts';
import { readEnv } from '../src/env.ts';
import { migrate, NewerRecordsError } from '../src/store/migrate.ts';
import { openClickHouse } from '../src/store/clickhouse.ts';
import { createSelect, QueryTooExpensiveError } from '../src/store/select.ts';
import { withinLimits } from '../src/domain/within-limits.ts';
import { startClickHouse, type RunningClickHouse } from './clickhouse.ts';

let clickHouse: RunningClickHouse;
const migrations = workspaceFile('subgraphs/records', 'clickhouse/migrations');

beforeAll(async () => {
  clickHouse = await startClickHouse();
});
afterAll(() => clickHouse.stop());

const environment = (more: NodeJS.ProcessEnv) =>
  readEnv({ PORT: '0', LOG_LEVEL: 'silent', LYCEUM_DATA_DIR: temporaryDirectory(), ...more });

test('a query that takes too long, or brings too much, is given up, and that is said', async () => {
  const client = await openClickHouse({ url: clickHouse.url, querySeconds: 1 });
  const select = createSelect(client);
  for (const query of [
    'SELECT sleepEachRow(0.1) FROM numbers(100) SETTINGS max_block_size = 1',
    'SELECT number FROM numbers(200001)',
  ]) {
    await expect(select(query, {})).rejects.toThrow(QueryTooExpensiveError);
    await expect(withinLimits(() => select(query, {}))).rejects.toMatchObject({ code: 'TOO_EXPENSIVE' });
  }
  await client.close();
});

test('migrations are applied once, and bear being repeated', async () => {
  const client = await openClickHouse({ url: `${clickHouse.url}/fresh`, querySeconds: 10 });
  expect(await migrate(client, migrations)).toEqual(['0001_course_activities.sql']);
  expect(await migrate(client, migrations)).toEqual([]);
  await client.command({ query: 'TRUNCATE TABLE records_migration' });
  expect(await migrate(client, migrations)).toEqual(['0001_course_activities.sql']);
  await client.close();
});

test('data that a newer version wrote is refused, and the migration named', async () => {
  const client = await openClickHouse({ url: `${clickHouse.url}/newer`, querySeconds: 10 });
  await migrate(client, migrations);
  await client.insert({
    table: 'records_migration',
    values: [{ name: '0099_future.sql' }],
    format: 'JSONEachRow',
  });
  const start = startRecords(environment({ CLICKHOUSE_URL: `${clickHouse.url}/newer` }));
  await expect(start).rejects.toThrow(NewerRecordsError);
  await expect(start).rejects.toThrow('0099_future.sql');
  await client.close();
});

test('wrong variables are named all at once', () => {
  const wrong = { CLICKHOUSE_URL: 'tcp://localhost:9000', QUERY_SECONDS: '0', PORT: 'x' };
  for (const variable of Object.keys(wrong)) expect(() => environment(wrong)).toThrow(variable);
});

test('what is read is of the organisation that the parameter names, whatever it is called', async () => {
  const client = createClient({ url: clickHouse.url, database: 'lyceum' });
  const select = createSelect(client);
  const organisation = "x' OR organisation != '\\\n\t{limit:UInt32}";
  const rows = await select('SELECT {organisation:String} AS organisation', { organisation });
  expect(rows).toEqual([{ organisation }]);
  await client.close();
});
