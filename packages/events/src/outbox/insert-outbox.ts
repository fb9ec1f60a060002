import type { OutboxRow } from '../contracts/domain-event.ts';
import type { Execute } from './execute.ts';

/** Writes events to the outbox, in their order, in the transaction of the changes that they tell of. */
export async function insertOutbox(execute: Execute, rows: readonly OutboxRow[]): Promise<void> {
  if (rows.length === 0) return;
  // One statement, whose text is the same for any number of rows.
  await execute(
    `INSERT INTO outbox (topic, key, value, headers)
     SELECT topic, key, value, headers
     FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (topic text, key text, value text, headers jsonb))
       WITH ORDINALITY AS r(topic, key, value, headers, place)
     ORDER BY place`,
    [JSON.stringify(rows)],
  );
}
