import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { StartError } from '@lyceum/service';

/** ClickHouse was written by a newer version of the service; it was left untouched. */
export class NewerRecordsError extends StartError {
  override name = 'NewerRecordsError';
}

/**
 * Applies the migrations of a directory that ClickHouse does not have yet. Instances may do so at the same time, and
 * one that is cut off is run again: every statement of a migration bears being repeated.
 *
 * @returns the names of those applied.
 * @throws NewerRecordsError where ClickHouse has a migration that this version does not know.
 */
export async function migrate(clickHouse: ClickHouseClient, directory: string): Promise<string[]> {
  await clickHouse.command({
    query: `CREATE TABLE IF NOT EXISTS records_migration
      (name String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY name`,
  });
  const known = readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  const applied = await selectApplied(clickHouse);
  const unknown = [...applied].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new NewerRecordsError(
      `ClickHouse was written by a newer version of records (it has ${unknown.join(', ')}). ` +
        'Nothing was changed. Start that version, or restore a backup.',
    );
  }
  const pending = known.filter((name) => !applied.has(name));
  for (const name of pending) await apply(clickHouse, directory, name);
  return pending;
}

async function selectApplied(clickHouse: ClickHouseClient): Promise<Set<string>> {
  const answer = await clickHouse.query({
    query: 'SELECT name FROM records_migration',
    format: 'JSONEachRow',
  });
  const rows = await answer.json<{ name: string }>();
  return new Set(rows.map(({ name }) => name));
}

/** The row comes last, so that what was cut off is run again. */
async function apply(clickHouse: ClickHouseClient, directory: string, name: string): Promise<void> {
  const statements = readFileSync(join(directory, name), 'utf8')
    .replaceAll(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  for (const query of statements) await clickHouse.command({ query });
  await clickHouse.insert({ table: 'records_migration', values: [{ name }], format: 'JSONEachRow' });
}
