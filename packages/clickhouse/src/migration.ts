import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One file of a directory of migrations. */
export interface Migration {
  /** `0001_statements` */
  readonly name: string;
  /** SHA-256 of the file, in hexadecimal. */
  readonly checksum: string;
  /** In order; each bears being repeated, since ClickHouse has no transaction around them. */
  readonly statements: readonly string[];
}

/** All migrations of a directory, in order of their number. */
export function readMigrations(directory: string): Migration[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readMigration(directory, file));
}

function readMigration(directory: string, file: string): Migration {
  const text = readFileSync(join(directory, file), 'utf8');
  return {
    name: file.slice(0, -'.sql'.length),
    checksum: createHash('sha256').update(text).digest('hex'),
    statements: statementsOf(text),
  };
}

/** A statement ends with a semicolon at the end of a line; a line that begins with `--` is a comment. */
function statementsOf(text: string): string[] {
  return text
    .replaceAll(/^--.*$/gm, '')
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
