import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One file of lrs/clickhouse/migrations. */
export interface ClickHouseMigration {
  /** `0001_statements` */
  readonly name: string;
  readonly checksum: string;
  /** In order; each can be run again, since ClickHouse has no transaction around them. */
  readonly statements: readonly string[];
}

/** All migrations of a directory, in order of their number. */
export function readMigrations(directory: string): ClickHouseMigration[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readMigration(directory, file));
}

function readMigration(directory: string, file: string): ClickHouseMigration {
  const text = readFileSync(join(directory, file), 'utf8');
  return {
    name: file.slice(0, -'.sql'.length),
    checksum: createHash('sha256').update(text).digest('hex'),
    // A statement ends with a semicolon at the end of a line.
    statements: text
      .split(/;[ \t]*$/m)
      .map(withoutComments)
      .filter((statement) => statement !== ''),
  };
}

function withoutComments(statement: string): string {
  return statement.replaceAll(/^--.*$/gm, '').trim();
}
