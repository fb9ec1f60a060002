import { Client } from 'pg';
import type { AppendRecord } from '../event-log.ts';

export interface PendingRow extends AppendRecord {
  readonly id: string;
}

/** A connection that holds the right to publish the outbox of its database. */
export interface OutboxSession {
  /** The oldest rows, in order. */
  select(limit: number): Promise<PendingRow[]>;
  /** By id, not up to an id: a transaction with a lower id may commit meanwhile. */
  delete(rows: readonly PendingRow[]): Promise<void>;
  /** Forgets events handled so long ago that they can't come again. */
  trimInbox(): Promise<void>;
  close(): Promise<void>;
}

export interface SessionEvents {
  /** Rows may have been added. */
  readonly onNotify: () => void;
  /** The connection is gone, and with it the right to publish. */
  readonly onLost: (error: Error) => void;
}

/** One relay a database, whichever process it runs in: the number is "outbox" in ASCII. */
const LOCK = String(0x6f7574626f78);
/** Tells a server that has vanished from one that is slow. */
const QUERY_TIMEOUT_MS = 30_000;
const UNDEFINED_TABLE = '42P01';

/** Undefined when another session publishes this outbox. Rejects when the database does not answer. */
export async function openSession(
  connectionString: string,
  { onNotify, onLost }: SessionEvents,
): Promise<OutboxSession | undefined> {
  const client = new Client({
    connectionString,
    application_name: 'lyceum outbox relay',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  client.on('error', onLost);
  client.on('notification', onNotify);
  client.on('end', () => {
    onLost(new Error('The connection to the database was closed'));
  });
  await client.connect();
  const close = async () => {
    client.removeAllListeners('end');
    await client.end().catch(() => undefined);
  };
  try {
    if (await becomesPublisher(client)) return { ...statements(client), close };
  } catch (error) {
    await close();
    throw error;
  }
  await close();
  return undefined;
}

async function becomesPublisher(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
    LOCK,
  ]);
  if (rows[0]?.locked !== true) return false;
  await client.query('LISTEN outbox');
  return true;
}

function statements(client: Client): Omit<OutboxSession, 'close'> {
  return {
    select: async (limit) => {
      const sql = 'SELECT id, topic, key, value, headers FROM outbox ORDER BY id LIMIT $1';
      const { rows } = await client.query<PendingRow>(sql, [limit]);
      return rows;
    },
    delete: async (rows) => {
      await client.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [rows.map(({ id }) => id)]);
    },
    trimInbox: async () => {
      const sql = `DELETE FROM inbox WHERE handled_at < now() - interval '30 days'`;
      await client.query(sql).catch((error: unknown) => {
        // A database that publishes and consumes nothing has no inbox.
        if ((error as { code?: string }).code !== UNDEFINED_TABLE) throw error;
      });
    },
  };
}
