import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { checksumOf, type Migration } from './migration.ts';

/** What `_prisma_migrations`, Prisma's own table, has of a migration. */
export interface MigrationRecord {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/** All that were not taken back; none where the table is not there yet. */
export async function selectRecords(client: pg.Client): Promise<MigrationRecord[]> {
  if (!(await hasRecords(client))) return [];
  const { rows } = await client.query<MigrationRecord>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
     FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
  );
  return rows;
}

async function hasRecords(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS found`,
  );
  return rows[0]?.found === true;
}

/** As Prisma's schema engine makes it. */
export async function createRecords(client: pg.Client): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS _prisma_migrations (
      id                  varchar(36)  PRIMARY KEY NOT NULL,
      checksum            varchar(64)  NOT NULL,
      finished_at         timestamptz,
      migration_name      varchar(255) NOT NULL,
      logs                text,
      rolled_back_at      timestamptz,
      started_at          timestamptz  NOT NULL DEFAULT now(),
      applied_steps_count integer      NOT NULL DEFAULT 0
    )`,
  );
}

export async function insertRecord(client: pg.Client, migration: Migration): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
    [randomUUID(), checksumOf(migration), migration.name],
  );
}

/** Held by an earlier version while its script ran, also on a connection whose client had died. */
const scriptLock = 0x4c_59_53; // 'LYS'

/**
 * Earlier versions noted a migration's start and end in transactions of their own, and marked the record within the
 * script's: once none runs any more, what is marked was applied, and what is not has left nothing but the record.
 */
export async function settleInterrupted(client: pg.Client): Promise<void> {
  await client.query('SELECT pg_advisory_lock($1), pg_advisory_unlock($1)', [scriptLock]);
  await client.query(
    `UPDATE _prisma_migrations SET finished_at = now()
     WHERE finished_at IS NULL AND rolled_back_at IS NULL AND applied_steps_count > 0`,
  );
  await client.query('DELETE FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL');
}
