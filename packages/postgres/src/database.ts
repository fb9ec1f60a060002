import { untilAnswers } from '@lyceum/service';
import pg from 'pg';

/** The database of one service: `postgresql://…/lyceum` and `catalog` make `postgresql://…/lyceum_catalog`. */
export function serviceDatabaseUrl(serverUrl: string, service: string): string {
  const url = new URL(serverUrl);
  const prefix = url.pathname.replace(/^\//, '') || 'lyceum';
  url.pathname = `/${prefix}_${service}`;
  return url.toString();
}

const duplicateDatabase = '42P04';
const uniqueViolation = '23505';

/**
 * Creates the database unless it is there, once the server answers. Two services or two instances may do so at the
 * same time: the one that comes second finds it made.
 *
 * @throws EngineUnreachableError where no server answers within `timeoutMs`.
 */
export async function ensureDatabase(url: string, { timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
  const engine = { name: 'PostgreSQL', variable: 'DATABASE_URL', url };
  const exists = await untilAnswers(
    engine,
    () => databaseExists(url),
    timeoutMs === undefined ? {} : { timeoutMs },
  );
  if (!exists) await createDatabase(url);
}

const unknownDatabase = '3D000';

/** Looked up where that is allowed: to connect to a database that is not there leaves a FATAL in the server's log. */
async function databaseExists(url: string): Promise<boolean> {
  const { address, name } = maintenanceOf(url);
  const known = await withClient(address, (client) =>
    client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]),
  ).catch(() => undefined);
  return known === undefined ? connects(url) : known.rowCount === 1;
}

async function connects(url: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query('SELECT 1'));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === unknownDatabase) return false;
    throw error;
  }
}

async function createDatabase(url: string): Promise<void> {
  const { address, name } = maintenanceOf(url);
  try {
    await withClient(address, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== duplicateDatabase && code !== uniqueViolation) throw error;
  }
}

/** The database that every server has, from which others are looked up and created. */
function maintenanceOf(url: string): { address: string; name: string } {
  const maintenance = new URL(url);
  const name = decodeURIComponent(maintenance.pathname.slice(1));
  maintenance.pathname = '/postgres';
  return { address: maintenance.toString(), name };
}

/** Runs `work` on a connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  // A connection that is cut while idle must not end the process: the query that follows reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}
