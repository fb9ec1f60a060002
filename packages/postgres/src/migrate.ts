import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NewerDataError, StartError } from '@lyceum/service';
import type pg from 'pg';
import { applyMigrations } from './apply-migrations.ts';
import { withClient } from './database.ts';
import { checksumsOf, type Migration } from './migration.ts';
import { selectRecords, settleInterrupted, type MigrationRecord } from './migration-records.ts';

/** Held while a service migrates, so that of several instances one does it and the others wait. */
const migrationLock = 0x4c_59_43; // 'LYC'

/**
 * Brings a database up to the migrations in `directory` (Prisma's layout: one folder a migration, `migration.sql`
 * within), and notes them as Prisma does.
 *
 * @returns the names of the migrations that were applied.
 * @throws NewerDataError where the database has a migration that this version does not know, StartError where it has
 *   one that read otherwise, or a script fails
 */
export async function migrate(url: string, directory: string): Promise<string[]> {
  const migrations = readMigrations(directory);
  return withClient(url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    const records = await selectSettled(client);
    const database = decodeURIComponent(new URL(url).pathname.slice(1));
    refuseNewer(database, migrations, records);
    refuseChanged(database, migrations, records);
    const applied = new Set(records.map(({ name }) => name));
    return applyMigrations(
      client,
      migrations.filter(({ name }) => !applied.has(name)),
    );
  });
}

function readMigrations(directory: string): Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, sql: readFileSync(join(directory, name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The finished migrations. */
async function selectSettled(client: pg.Client): Promise<MigrationRecord[]> {
  const records = await selectRecords(client);
  if (records.every(({ finished }) => finished)) return records;
  await settleInterrupted(client);
  return selectRecords(client);
}

function refuseNewer(
  database: string,
  known: readonly Migration[],
  applied: readonly MigrationRecord[],
): void {
  const names = new Set(known.map(({ name }) => name));
  const unknown = applied.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new NewerDataError(
    `The database ${database} was written by a newer version (it has ${unknown.join(', ')}). ` +
      'Nothing was changed. Start that version, or restore a backup.',
  );
}

/** What was applied is not what is here, so that nobody can say what the next script will find. */
function refuseChanged(
  database: string,
  known: readonly Migration[],
  applied: readonly MigrationRecord[],
): void {
  const checksums = new Map(applied.map(({ name, checksum }) => [name, checksum]));
  const changed = known.filter((migration) => {
    const checksum = checksums.get(migration.name);
    return checksum !== undefined && !checksumsOf(migration).includes(checksum);
  });
  if (changed.length === 0) return;
  throw new StartError(
    `The database ${database} was made by other scripts than are here: ` +
      `${changed.map(({ name }) => name).join(', ')} was changed after it had been applied. ` +
      'Nothing was changed. Start the version that made it, or restore the script and add another one.',
  );
}
