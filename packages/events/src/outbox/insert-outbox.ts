import type { OutboxRow } from '../contracts/domain-event.ts';
import type { Execute } from './execute.ts';

/** Writes an event to the outbox, in the transaction of the change that it tells of. */
export async function insertOutbox(
  execute: Execute,
  { topic, key, value, headers }: OutboxRow,
): Promise<void> {
  await execute('INSERT INTO outbox (topic, key, value, headers) VALUES ($1, $2, $3, $4::jsonb)', [
    topic,
    key,
    value,
    JSON.stringify(headers),
  ]);
}
