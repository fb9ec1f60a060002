import type { Logger, Metrics } from '@lyceum/service';
import type { EventLog } from '../event-log.ts';
import { createRelayMetrics, type RelayMetrics } from './relay-metrics.ts';
import { openSession, type OutboxSession } from './session.ts';
import { createWakeup, type Wakeup } from './wakeup.ts';

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

interface Relay {
  readonly options: OutboxRelayOptions;
  readonly metrics: RelayMetrics;
  readonly wakeup: Wakeup;
  readonly stopping: AbortSignal;
  readonly pollMs: number;
}

/** Rows published in one append. */
const BATCH = 200;
const LONGEST_BACK_OFF_MS = 10_000;
const TRIM_INBOX_EVERY_MS = 60 * 60 * 1000;

/**
 * Publishes the outbox of a database: reads the oldest rows, appends them to the log in one call, deletes them when
 * the log has them. A crash in between publishes them again, with the same event ids: consumers ignore those (see
 * inbox.ts). One relay a database publishes, others stand by. The database may restart, the log may be away: the
 * relay goes on when they are back.
 */
export function createOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const stopping = new AbortController();
  const relay: Relay = {
    options,
    metrics: createRelayMetrics(options.metrics),
    wakeup: createWakeup(stopping.signal),
    stopping: stopping.signal,
    pollMs: options.pollMs ?? 1_000,
  };
  const ended = run(relay);
  return {
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function run(relay: Relay): Promise<void> {
  const { options, wakeup, stopping, pollMs, metrics } = relay;
  let failures = 0;
  const onProgress = () => (failures = 0);
  while (!stopping.aborted) {
    try {
      await publishWhileConnected(relay, onProgress);
      // Another relay publishes: stand by.
      await wakeup.pause(pollMs);
    } catch (error) {
      metrics.failed();
      const delay = Math.min(100 * 2 ** failures, LONGEST_BACK_OFF_MS);
      failures += 1;
      options.logger.warn({ err: error, delay }, 'The outbox was not published, trying again');
      await wakeup.pause(delay);
    }
  }
}

/** Resolves when stopped, or at once when another relay publishes; rejects when the connection or the log fails. */
async function publishWhileConnected(relay: Relay, onProgress: () => void): Promise<void> {
  const { options, wakeup, stopping, pollMs } = relay;
  const connection = new AbortController();
  const session = await openSession(options.connectionString, {
    onNotify: wakeup.wake,
    onLost: (error) => {
      connection.abort(error);
      wakeup.wake();
    },
  });
  if (session === undefined) return;
  try {
    for (let trimmedAt = 0; !stopping.aborted;) {
      connection.signal.throwIfAborted();
      trimmedAt = await trimInboxIfDue(session, trimmedAt);
      const rows = await publishBatch(session, relay);
      onProgress();
      if (rows < BATCH) await wakeup.wait(pollMs);
    }
  } finally {
    await session.close();
  }
}

async function trimInboxIfDue(session: OutboxSession, trimmedAt: number): Promise<number> {
  if (Date.now() - trimmedAt < TRIM_INBOX_EVERY_MS) return trimmedAt;
  await session.trimInbox();
  return Date.now();
}

async function publishBatch(session: OutboxSession, { options, metrics }: Relay): Promise<number> {
  const rows = await session.select(BATCH);
  if (rows.length === 0) return 0;
  await options.log.append(rows);
  await session.delete(rows);
  metrics.published(rows);
  return rows.length;
}
