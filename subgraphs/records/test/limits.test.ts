import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClickHouseClient, migrate } from '@lyceum/clickhouse';
import { NewerDataError, newId, workspaceFile } from '@lyceum/service';
import { prepareDatabase, temporaryDirectory } from '@lyceum/testing';
import { statementFor } from '@lyceum/xapi';
import { startRecords } from '../src/main.ts';
import { readEnv } from '../src/env.ts';
import { openClickHouse } from '../src/store/clickhouse.ts';
import { createSelect, QueryTooExpensiveError } from '../src/store/select.ts';
import { withinLimits } from '../src/domain/within-limits.ts';
import { publicUrl, startClickHouse, type RunningClickHouse } from './kit/clickhouse.ts';
import { runRecords } from './kit/records.ts';

let clickHouse: RunningClickHouse;
let databaseUrl: string;
const migrations = {
  directory: workspaceFile('subgraphs/records', 'clickhouse/migrations'),
  table: 'records_migration',
};

beforeAll(async () => {
  clickHouse = await startClickHouse();
  databaseUrl = await prepareDatabase('records', workspaceFile('subgraphs/records', 'prisma/migrations'));
}, 60_000);
afterAll(() => clickHouse.stop());

const environment = (more: NodeJS.ProcessEnv) =>
  readEnv({
    PORT: '0',
    LOG_LEVEL: 'silent',
    LYCEUM_DATA_DIR: temporaryDirectory(),
    DATABASE_URL: databaseUrl,
    ...more,
  });

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
  expect(await migrate(client, migrations)).toEqual(['0001_course_activities']);
  expect(await migrate(client, migrations)).toEqual([]);
  await client.command({ query: 'TRUNCATE TABLE records_migration' });
  expect(await migrate(client, migrations)).toEqual(['0001_course_activities']);
  await client.close();
});

test('data that a newer version wrote is refused, and the migration named', async () => {
  const client = await openClickHouse({ url: `${clickHouse.url}/newer`, querySeconds: 10 });
  await migrate(client, migrations);
  await client.insert({
    table: 'records_migration',
    values: [{ name: '0099_future' }],
    format: 'JSONEachRow',
  });
  const start = startRecords(environment({ CLICKHOUSE_URL: `${clickHouse.url}/newer` }));
  await expect(start).rejects.toThrow(NewerDataError);
  await expect(start).rejects.toThrow('0099_future');
  await client.close();
});

test('records is not ready before lrs-ingest has made its tables, and says so', async () => {
  const url = `${clickHouse.url}/early`;
  const running = await startRecords(environment({ CLICKHOUSE_URL: url }));
  const client = createClickHouseClient({ url, application: 'test' });
  const ready = async () => {
    const response = await fetch(new URL('/health/ready', running.url));
    return { status: response.status, text: await response.text() };
  };
  const early = await ready();
  expect(early.status).toBe(503);
  expect(early.text).toContain(
    'no table statements, statement_references, voids, activity_definitions, agent_names, verbs, activity_minutes, ' +
      'verb_minutes, activity_hours, actor_hours yet',
  );
  await migrate(client, { directory: workspaceFile('lrs', 'clickhouse/migrations'), table: 'migration' });
  expect(await ready()).toMatchObject({ status: 200 });
  await client.close();
  await running.stop();
});

test('wrong variables are named all at once', () => {
  const wrong = { CLICKHOUSE_URL: 'tcp://localhost:9000', QUERY_SECONDS: '0', PORT: 'x' };
  for (const variable of Object.keys(wrong)) expect(() => environment(wrong)).toThrow(variable);
});

test('what is read is of the organisation that the parameter names, whatever it is called', async () => {
  const client = createClickHouseClient({ url: clickHouse.url, application: 'test' });
  const select = createSelect(client);
  const organisation = "x' OR organisation != '\\\n\t{limit:UInt32}";
  const rows = await select('SELECT {organisation:String} AS organisation', { organisation });
  expect(rows).toEqual([{ organisation }]);
  await client.close();
});

test('a search that would read more than it may is given up, and that is said; a narrower one is not', async () => {
  const records = await runRecords({ SEARCH_MIB: '1' });
  const school = records.school();
  const statements = Array.from({ length: 2_000 }, () =>
    statementFor({ publicUrl, userId: newId('user'), verb: 'experienced', activity: { id: newId('item') } }),
  );
  for (const part of [0, 500, 1_000, 1_500])
    await school.store(statements.slice(part, part + 500), new Date(Date.UTC(2026, part / 500)));
  const { ask } = await school.person('ADMIN');
  const query = 'query ($filter: StatementFilter) { statements(filter: $filter) { nodes { id } } }';
  const search = (more: object) => ask(query, { filter: { search: 'nowhere', ...more } });
  expect((await search({})).errors).toMatchObject([{ extensions: { code: 'TOO_EXPENSIVE' } }]);
  expect((await search({ since: '2026-03-15T00:00:00Z' })).data).toEqual({ statements: { nodes: [] } });
  await records.stop();
});
