import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One file of a directory of migrations. */
export interface Migration {
  /** `0001_statements` */
  readonly name: string;
  /** SHA-256 of the file, in hexadecimal. */
  readonly checksum: string;
  /** In order. */
  readonly statements: readonly MigrationStatement[];
}

/** Bears being repeated, since ClickHouse has no transaction around them, or says by what it is known to have been run. */
export interface MigrationStatement {
  readonly query: string;
  /** Not run where this finds a row: `-- unless: SELECT ...` in a line of its own before the statement. */
  readonly unless?: string;
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

const unlessLine = /^-- unless: (.+)$/m;
const commentLines = /^--(?! unless: ).*$/gm;

/** A statement ends with a semicolon at the end of a line; a line that begins with `--` is a comment, or its condition. */
function statementsOf(text: string): MigrationStatement[] {
  return text
    .replaceAll(commentLines, '')
    .split(/;[ \t]*$/m)
    .map((part) => ({ query: part.replace(unlessLine, '').trim(), unless: unlessLine.exec(part)?.[1] }))
    .filter(({ query }) => query !== '')
    .map(({ query, unless }) => (unless === undefined ? { query } : { query, unless }));
}
