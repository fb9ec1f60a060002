import type { Execute } from './execute.ts';

/**
 * Whether the consumer has handled the event before; if not, notes that it now does. Call it first in the
 * transaction of what handling the event changes, and return when it is true: the note and the change then stand or
 * fall together. A second transaction for the same event waits for the first to end.
 *
 * Notes are kept for 30 days (outbox/relay.ts), well beyond the log's retention.
 */
export async function alreadyHandled(execute: Execute, consumer: string, eventId: string): Promise<boolean> {
  const inserted = await execute(
    'INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [consumer, eventId],
  );
  return inserted === 0;
}
