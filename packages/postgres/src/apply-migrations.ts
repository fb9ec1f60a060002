import { StartError } from '@lyceum/service';
import type pg from 'pg';
import { createRecords, insertRecord } from './migration-records.ts';
import type { Migration } from './migration.ts';

/**
 * Applies migrations in their order, each in one transaction with its record: what a crash leaves is applied and noted,
 * or neither.
 *
 * @returns their names
 * @throws StartError that names the script that fails; it has left nothing of itself
 */
export async function applyMigrations(
  client: pg.Client,
  migrations: readonly Migration[],
): Promise<string[]> {
  if (migrations.length === 0) return [];
  await createRecords(client);
  for (const migration of migrations)
    await applyMigration(client, migration, migration === migrations.at(-1));
  return migrations.map(({ name }) => name);
}

/**
 * @param last waits for the disk, and with it for all before it: there is one order of commits. A power cut earlier
 *   takes back whole migrations, on which nobody has built yet.
 */
async function applyMigration(client: pg.Client, migration: Migration, last: boolean): Promise<void> {
  try {
    await client.query(last ? 'BEGIN' : 'BEGIN; SET LOCAL synchronous_commit = off');
    await insertRecord(client, migration);
    // Whole: PostgreSQL knows better than anybody else where a statement ends.
    await client.query(migration.sql);
    await client.query('COMMIT');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`The migration ${migration.name} failed: ${reason}. Nothing of it was kept.`, {
      cause: error,
    });
  }
}
