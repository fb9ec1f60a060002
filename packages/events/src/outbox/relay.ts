import type { Logger, Metrics } from '@lyceum/service';
import type { Client } from 'pg';
import type { EventLog } from '../event-log.ts';
import { startRelay } from '../relay/relay.ts';
import { createRelayMetrics } from './relay-metrics.ts';
import { deleteRows, selectRows, trimInbox } from './statements.ts';

export interface OutboxRelayOptions {
  /** Of the database whose outbox is to be published. */
  readonly connectionString: string;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  /** How often to look without having been notified. Default 1 s. */
  readonly pollMs?: number;
}

export interface OutboxRelay {
  /** Finishes the batch in hand and closes the connection. What is left in the outbox waits for the next relay. */
  stop(): Promise<void>;
}

/** Published in one append: a broker takes a batch of a partition whole, or not at all (kafka/limits.ts). */
const BATCH = { limit: 200, bytes: 4 * 2 ** 20 };
const TRIM_INBOX_EVERY_MS = 60 * 60 * 1000;
/** One relay a database, whichever process it runs in: the number is "outbox" in ASCII. */
const LOCK = String(0x6f7574626f78);

/**
 * Publishes the outbox of a database: reads the oldest rows, appends them to the log in one call, deletes them when
 * the log has them. A crash in between publishes them again, with the same event ids: consumers ignore those (see
 * inbox.ts). One relay a database publishes, others stand by. The database may restart, the log may be away: the
 * relay goes on when they are back.
 */
export function createOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const metrics = createRelayMetrics(options.metrics);
  let trimmedAt = 0;

  async function trimInboxIfDue(client: Client): Promise<void> {
    if (Date.now() - trimmedAt < TRIM_INBOX_EVERY_MS) return;
    await trimInbox(client);
    trimmedAt = Date.now();
  }

  /** Answers whether more may wait. */
  async function publishBatch(client: Client): Promise<boolean> {
    const { rows, more } = await selectRows(client, BATCH);
    if (rows.length === 0) return false;
    await options.log.append(rows);
    await deleteRows(client, rows);
    metrics.published(rows);
    return more;
  }

  return startRelay({
    connectionString: options.connectionString,
    name: 'lyceum outbox relay',
    channel: 'outbox',
    lock: LOCK,
    // Rows that come back are published again, as after a crash of the relay, with the same event ids.
    mayForget: true,
    logger: options.logger,
    pollMs: options.pollMs,
    round: async (client) => {
      await trimInboxIfDue(client);
      return publishBatch(client);
    },
    onFailure: () => {
      metrics.failed();
    },
  });
}
