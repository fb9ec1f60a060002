import { Pool, type PoolClient } from 'pg';
import type { Logger } from '@lyceum/service';
import { alreadyHandled, consumeDomainEvents, type Consumer, type EventLog } from '../src/index.ts';
import type { DeathPoint } from './outbox-child-protocol.ts';

export interface ApplyEventsOptions {
  readonly connectionString: string;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly passes?: (point: DeathPoint) => void;
}

/** A consumer as a subgraph has one: what an event changes and the inbox's note are one transaction. */
export async function applyEvents(options: ApplyEventsOptions): Promise<Consumer> {
  const { connectionString, log, logger, passes = () => undefined } = options;
  // Partitions are handled side by side, each event in a transaction of its own.
  const pool = new Pool({ connectionString });
  const consumer = await consumeDomainEvents({
    log,
    topics: ['identity.events'],
    group: 'applier',
    logger,
    handlers: {
      'user.registered': async ({ id, data }) => {
        passes('consumer: before the transaction');
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await applyOnce(client, id, data.user.id);
          passes('consumer: in the transaction');
          await client.query('COMMIT');
        } finally {
          client.release();
        }
        passes('consumer: between transaction and commit of the offset');
      },
    },
  });
  return { stop: () => consumer.stop().finally(() => pool.end()) };
}

async function applyOnce(client: PoolClient, eventId: string, userId: string): Promise<void> {
  const execute = async (sql: string, params: readonly string[]) =>
    (await client.query(sql, [...params])).rowCount ?? 0;
  if (await alreadyHandled(execute, 'applier', eventId)) return;
  await client.query('INSERT INTO applied (event_id, user_id) VALUES ($1, $2)', [eventId, userId]);
}
