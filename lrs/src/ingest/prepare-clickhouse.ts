import { ensureDatabase, migrate } from '@lyceum/clickhouse';
import { workspaceFile } from '@lyceum/service';
import { openClickHouse } from '../query/clickhouse.ts';
import type { Database } from '../store/store.ts';

/**
 * Waits for ClickHouse, makes the database of learning records where it is missing, and migrates it; of several
 * processes one does so and the others wait.
 *
 * @returns the names of the migrations that were applied
 * @throws EngineUnreachableError, NewerDataError, ChangedMigrationError
 */
export async function prepareClickHouse(url: string, store: Database): Promise<string[]> {
  await ensureDatabase(url);
  const clickHouse = openClickHouse(url);
  const directory = workspaceFile('lrs', 'clickhouse/migrations');
  try {
    return await store.whileMigrating(() => migrate(clickHouse, { directory, table: 'migration' }));
  } finally {
    await clickHouse.close();
  }
}
