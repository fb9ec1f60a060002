import { untilAnswers, workspaceFile } from '@lyceum/service';
import type { Database } from '../store/store.ts';
import { clickHouseAddress, openClickHouse } from '../query/clickhouse.ts';
import { migrateClickHouse } from './migrate-clickhouse.ts';
import { readMigrations } from './migrations.ts';

/**
 * Waits for ClickHouse, makes the database of learning records where it is missing, and migrates it; of several
 * processes one does so and the others wait.
 *
 * @throws EngineUnreachableError, NewerDataError
 */
export async function prepareClickHouse(url: string, store: Database): Promise<string[]> {
  await makeDatabase(url);
  const clickHouse = openClickHouse(url);
  const migrations = readMigrations(workspaceFile('lrs', 'clickhouse/migrations'));
  try {
    return await store.whileMigrating(() => migrateClickHouse(clickHouse, migrations));
  } finally {
    await clickHouse.close();
  }
}

async function makeDatabase(url: string): Promise<void> {
  const { database } = clickHouseAddress(url);
  const server = openClickHouse(url, { database: null, timeoutMs: 5_000 });
  const query = 'CREATE DATABASE IF NOT EXISTS {database:Identifier}';
  try {
    await untilAnswers({ name: 'ClickHouse', variable: 'CLICKHOUSE_URL', url }, () =>
      server.command({ query, query_params: { database } }),
    );
  } finally {
    await server.close();
  }
}
