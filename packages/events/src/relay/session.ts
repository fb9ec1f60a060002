import { Client } from 'pg';

export interface SessionOptions {
  readonly connectionString: string;
  /** How the session is called in pg_stat_activity. */
  readonly name: string;
  /** The channel on which rows are announced (NOTIFY). */
  readonly channel: string;
  /** The number of the advisory lock that the session must get; undefined: it needs none. */
  readonly lock?: string | undefined;
  /** Its commits need not be on the disk when they are acknowledged: a crash of the server may undo the last of them. */
  readonly mayForget?: boolean | undefined;
  /** Rows may have been added. */
  readonly onNotify: () => void;
  /** The connection is gone, and with it the lock. */
  readonly onLost: (error: Error) => void;
}

export interface Session {
  readonly client: Client;
  close(): Promise<void>;
}

/** Tells a server that has vanished from one that is slow. */
const QUERY_TIMEOUT_MS = 30_000;

/** Undefined when another session holds the lock. Rejects when the database does not answer. */
export async function openSession(options: SessionOptions): Promise<Session | undefined> {
  const client = new Client({
    connectionString: options.connectionString,
    application_name: options.name,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  client.on('error', options.onLost);
  client.on('notification', options.onNotify);
  client.on('end', () => {
    options.onLost(new Error('The connection to the database was closed'));
  });
  await client.connect();
  const close = async () => {
    client.removeAllListeners('end');
    await client.end().catch(() => undefined);
  };
  try {
    if (await listens(client, options)) return { client, close };
  } catch (error) {
    await close();
    throw error;
  }
  await close();
  return undefined;
}

async function listens(client: Client, { lock, channel, mayForget }: SessionOptions): Promise<boolean> {
  if (lock !== undefined && !(await locks(client, lock))) return false;
  if (mayForget) await client.query('SET synchronous_commit = off');
  await client.query(`LISTEN ${channel}`);
  return true;
}

async function locks(client: Client, lock: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
    lock,
  ]);
  return rows[0]?.locked === true;
}
