import { createHash } from 'node:crypto';

/** A step of a database's history: a folder of Prisma's layout. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** As Prisma computes it: SHA-256 of the script, in hexadecimal. */
export function checksumOf({ sql }: Pick<Migration, 'sql'>): string {
  return createHash('sha256').update(sql).digest('hex');
}

/** Those that a script may have been noted with: a checkout on Windows ends its lines otherwise. */
export function checksumsOf({ sql }: Pick<Migration, 'sql'>): string[] {
  const unix = sql.replaceAll('\r\n', '\n');
  return [sql, unix, unix.replaceAll('\n', '\r\n')].map((each) => checksumOf({ sql: each }));
}
