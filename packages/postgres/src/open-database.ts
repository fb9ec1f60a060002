import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { ensureDatabase, serviceDatabaseUrl } from './database.ts';
import { migrate } from './migrate.ts';
import { ensureServiceRole, type Restrictions } from './service-role.ts';

/** Runs one statement, with `$1`, `$2` ...; `count` is how many rows it gave or changed. */
export type Query = (
  text: string,
  values: readonly unknown[],
) => Promise<{ rows: readonly unknown[]; count: number }>;

/** A service's database, there and migrated. */
export interface Database {
  readonly url: string;
  /** What a generated Prisma client is made with: `new PrismaClient({ adapter })`. */
  readonly adapter: PrismaPg;
  /** One statement of plain SQL on the same pool: for values of many bytes, which Prisma turns into text and back. */
  readonly query: Query;
  /** Rejects with the reason while the database does not answer. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates the service's database where it is missing, migrates it, and opens a pool of connections to it.
 *
 * @throws EngineUnreachableError, NewerDataError
 */
export async function openDatabase(options: {
  serverUrl: string;
  service: string;
  migrations: string;
  poolSize?: number;
  /** Where given, the pool works as a role of its own that has less than the URL's user. */
  restrictions?: Restrictions;
}): Promise<Database> {
  const url = serviceDatabaseUrl(options.serverUrl, options.service);
  await ensureDatabase(url);
  await migrate(url, options.migrations);
  const role = options.restrictions && (await ensureServiceRole(url, options.restrictions));
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 10_000,
    ...(role === undefined ? {} : { options: `-c role=${role.replaceAll(/[\\ ]/g, '\\$&')}` }),
  });
  // A connection that the server cuts while it is idle is dropped from the pool; the next query opens another.
  pool.on('error', () => undefined);
  return {
    url,
    adapter: new PrismaPg(pool),
    query: async (text, values) => {
      const { rows, rowCount } = await pool.query<Record<string, unknown>>(text, [...values]);
      return { rows, count: rowCount ?? 0 };
    },
    check: async () => {
      await pool.query('SELECT 1');
    },
    close: () => pool.end(),
  };
}
