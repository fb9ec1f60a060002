import type { ClickHouseClient } from '@clickhouse/client';
import { NewerDataError } from '@lyceum/postgres';
import type { ClickHouseMigration } from './migrations.ts';

/**
 * Brings the database of learning records up to the migrations. Call it in one process at a time (see
 * migration-lock.ts); run again after a crash, it goes on where it was.
 *
 * @returns the names of the migrations that were applied
 * @throws NewerDataError where the database has a migration that this version does not know; nothing is changed
 */
export async function migrateClickHouse(
  clickHouse: ClickHouseClient,
  migrations: readonly ClickHouseMigration[],
): Promise<string[]> {
  await clickHouse.command({
    query: `CREATE TABLE IF NOT EXISTS migration (name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
      ENGINE = MergeTree ORDER BY name`,
  });
  const applied = await selectApplied(clickHouse);
  refuseNewer(migrations, applied);
  const pending = migrations.filter(({ name }) => !applied.has(name));
  for (const migration of pending) await apply(clickHouse, migration);
  return pending.map(({ name }) => name);
}

async function selectApplied(clickHouse: ClickHouseClient): Promise<Map<string, string>> {
  const answer = await clickHouse.query({
    query: 'SELECT name, checksum FROM migration',
    format: 'JSONEachRow',
  });
  const rows = await answer.json<{ name: string; checksum: string }>();
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

function refuseNewer(known: readonly ClickHouseMigration[], applied: ReadonlyMap<string, string>): void {
  const unknown = [...applied.keys()].filter((name) => !known.some((each) => each.name === name));
  if (unknown.length > 0) {
    throw new NewerDataError(
      `The learning records in ClickHouse were written by a newer version (it has ${unknown.join(', ')}). ` +
        'Nothing was changed. Start that version, or restore a backup.',
    );
  }
  const changed = known.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum);
  if (changed === undefined) return;
  throw new Error(
    `The ClickHouse migration ${changed.name} was changed after it was applied: write a new one.`,
  );
}

/** The row comes last: a migration that was cut off is run again, and each of its statements bears that. */
async function apply(
  clickHouse: ClickHouseClient,
  { name, checksum, statements }: ClickHouseMigration,
): Promise<void> {
  for (const query of statements) await clickHouse.command({ query });
  await clickHouse.insert({ table: 'migration', values: [{ name, checksum }], format: 'JSONEachRow' });
}
