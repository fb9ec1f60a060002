import type { Client } from 'pg';
import type { AppendRecord } from '../event-log.ts';

export interface PendingRow extends AppendRecord {
  readonly id: string;
}

const UNDEFINED_TABLE = '42P01';

/** The oldest rows of the outbox, in order. */
export async function selectRows(client: Client, limit: number): Promise<PendingRow[]> {
  const sql = 'SELECT id, topic, key, value, headers FROM outbox ORDER BY id LIMIT $1';
  const { rows } = await client.query<PendingRow>(sql, [limit]);
  return rows;
}

/** By id, not up to an id: a transaction with a lower id may commit meanwhile. */
export async function deleteRows(client: Client, rows: readonly PendingRow[]): Promise<void> {
  await client.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [rows.map(({ id }) => id)]);
}

/** Forgets events handled so long ago that they can't come again. */
export async function trimInbox(client: Client): Promise<void> {
  const sql = `DELETE FROM inbox WHERE handled_at < now() - interval '30 days'`;
  await client.query(sql).catch((error: unknown) => {
    // A database that publishes and consumes nothing has no inbox.
    if ((error as { code?: string }).code !== UNDEFINED_TABLE) throw error;
  });
}
