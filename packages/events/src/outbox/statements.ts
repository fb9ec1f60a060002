import type { Client } from 'pg';
import type { AppendRecord } from '../event-log.ts';

export interface PendingRow extends AppendRecord {
  readonly id: string;
}

const UNDEFINED_TABLE = '42P01';

/**
 * The oldest rows of the outbox, in order: so many, or fewer that together have no more than so many bytes of values,
 * but the first in any case. And whether others may wait behind them.
 */
export async function selectRows(
  client: Client,
  { limit, bytes }: { limit: number; bytes: number },
): Promise<{ rows: PendingRow[]; more: boolean }> {
  const sql = `
    SELECT id, topic, key, value, headers, seen::int FROM (
      SELECT oldest.*, count(*) OVER () AS seen, octet_length(value) AS size,
        sum(octet_length(value)) OVER (ORDER BY id) AS upto
      FROM (SELECT id, topic, key, value, headers FROM outbox ORDER BY id LIMIT $1) AS oldest
    ) AS sized
    WHERE upto <= $2 OR upto = size
    ORDER BY id`;
  const { rows } = await client.query<PendingRow & { seen: number }>(sql, [limit, bytes]);
  const seen = rows[0]?.seen ?? 0;
  return { rows: rows.map(({ seen: _seen, ...row }) => row), more: seen === limit || rows.length < seen };
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
