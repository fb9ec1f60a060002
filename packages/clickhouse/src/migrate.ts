import type { ClickHouseClient } from '@clickhouse/client';
import { NewerDataError } from '@lyceum/service';
import { ChangedMigrationError } from './changed-migration-error.ts';
import { readMigrations, type Migration } from './migration.ts';

/** What the record table says: checksums by the names of migrations. */
type Applied = ReadonlyMap<string, string>;

/**
 * Brings a database up to the migrations in `directory`, and records them in `table`: each service that has tables of
 * its own has a record of its own. What was cut off is run again, and so it may be by two instances at once: every
 * statement of a migration bears being repeated, or has a condition.
 *
 * @returns the names of the migrations that were applied.
 * @throws NewerDataError where `table` has a migration that this version does not know.
 * @throws ChangedMigrationError where a migration was changed after it was applied.
 */
export async function migrate(
  clickHouse: ClickHouseClient,
  { directory, table }: { directory: string; table: string },
): Promise<string[]> {
  const migrations = readMigrations(directory);
  await createRecord(clickHouse, table);
  const applied = await selectApplied(clickHouse, table);
  refuseNewer(migrations, applied);
  refuseChanged(migrations, applied);
  const pending = migrations.filter(({ name }) => !applied.has(name));
  for (const migration of pending) await apply(clickHouse, table, migration);
  return pending.map(({ name }) => name);
}

async function createRecord(clickHouse: ClickHouseClient, table: string): Promise<void> {
  await clickHouse.command({
    query: `CREATE TABLE IF NOT EXISTS {table:Identifier}
      (name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
      ENGINE = MergeTree ORDER BY name`,
    query_params: { table },
  });
}

async function selectApplied(clickHouse: ClickHouseClient, table: string): Promise<Applied> {
  const answer = await clickHouse.query({
    query: 'SELECT name, checksum FROM {table:Identifier}',
    query_params: { table },
    format: 'JSONEachRow',
  });
  const rows = await answer.json<{ name: string; checksum: string }>();
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

function refuseNewer(known: readonly Migration[], applied: Applied): void {
  const unknown = [...applied.keys()].filter((name) => !known.some((each) => each.name === name));
  if (unknown.length === 0) return;
  throw new NewerDataError(
    `ClickHouse was written by a newer version (it has ${unknown.join(', ')}). ` +
      'Nothing was changed. Start that version, or restore a backup.',
  );
}

function refuseChanged(known: readonly Migration[], applied: Applied): void {
  const changed = known.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum);
  if (changed === undefined) return;
  throw new ChangedMigrationError(
    `The ClickHouse migration ${changed.name} was changed after it was applied: write a new one.`,
  );
}

/** The row comes last, so that what was cut off is run again. */
async function apply(clickHouse: ClickHouseClient, table: string, migration: Migration): Promise<void> {
  const { name, checksum, statements } = migration;
  for (const { query, unless } of statements)
    if (unless === undefined || !(await finds(clickHouse, unless))) await clickHouse.command({ query });
  await clickHouse.insert({ table, values: [{ name, checksum }], format: 'JSONEachRow' });
}

async function finds(clickHouse: ClickHouseClient, query: string): Promise<boolean> {
  const answer = await clickHouse.query({ query, format: 'JSONEachRow' });
  return (await answer.json()).length > 0;
}
