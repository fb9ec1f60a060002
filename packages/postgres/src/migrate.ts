import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NewerDataError } from '@lyceum/service';
import type pg from 'pg';
import { withClient } from './database.ts';
import { applyMigrations, scriptLock, type Migration } from './schema-engine.ts';

/** Held while a service migrates, so that of several instances one does it and the others wait. */
const migrationLock = 0x4c_59_43; // 'LYC'

/**
 * Brings a database up to the migrations in `directory` (Prisma's layout: one folder a migration, `migration.sql`
 * within).
 *
 * @returns the names of the migrations that were applied.
 * @throws NewerDataError where the database has a migration that this version does not know.
 */
export async function migrate(url: string, directory: string): Promise<string[]> {
  const migrations = readMigrations(directory);
  return withClient(url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await settleInterrupted(client);
    const applied = await appliedMigrations(client);
    refuseNewer(url, migrations, applied);
    const pending = migrations.filter(({ name }) => !applied.includes(name));
    return pending.length === 0 ? [] : applyMigrations(url, directory, migrations);
  });
}

function readMigrations(directory: string): Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, sql: readFileSync(join(directory, name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The finished migrations, as Prisma records them; none where the table is not there yet. */
async function appliedMigrations(client: pg.Client): Promise<string[]> {
  if (!(await hasRecords(client))) return [];
  const { rows } = await client.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  return rows.map(({ migration_name }) => migration_name);
}

/**
 * Prisma refuses to go on behind a migration that was recorded and never finished (P3009). Here a script is one
 * transaction that marks its record (schema-engine.ts), and once none runs any more, what is marked was applied, and
 * what is not has left nothing but the record.
 */
async function settleInterrupted(client: pg.Client): Promise<void> {
  if (!(await hasRecords(client))) return;
  await client.query('SELECT pg_advisory_lock($1), pg_advisory_unlock($1)', [scriptLock]);
  await client.query(
    `UPDATE _prisma_migrations SET finished_at = now()
     WHERE finished_at IS NULL AND rolled_back_at IS NULL AND applied_steps_count > 0`,
  );
  await client.query('DELETE FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL');
}

async function hasRecords(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS found`,
  );
  return rows[0]?.found === true;
}

function refuseNewer(url: string, known: readonly Migration[], applied: readonly string[]): void {
  const unknown = applied.filter((name) => !known.some((migration) => migration.name === name));
  if (unknown.length === 0) return;
  throw new NewerDataError(
    `The database ${new URL(url).pathname.slice(1)} was written by a newer version (it has ${unknown.join(', ')}). ` +
      'Nothing was changed. Start that version, or restore a backup.',
  );
}
