import { setImmediate as breath, setTimeout as delay } from 'node:timers/promises';
import { CursorExpiredError, type EventLog, type LogRecord, type TailOptions } from '@lyceum/events';
import type { Logger, Metrics } from '@lyceum/service';
import { decodeStatementBatch, readBatchHeaders, statementsTopic, UnreadableBatchError } from '@lyceum/xapi';
import type { LiveStatements } from '../domain/statements.ts';
import type { StatementRow } from '../store/statements.ts';
import { rowOfLogged } from './logged-statement.ts';
import { createSubscriberQueue, type SubscriberQueue } from './subscriber-queue.ts';

/** One whole request of an xAPI client may come at once. */
const mostWaiting = 10_000;

const pauseMs = 1_000;

interface Subscriber {
  readonly organisationId: string;
  readonly accepts: (statement: StatementRow) => boolean;
  readonly queue: SubscriberQueue<StatementRow>;
}

interface Following {
  /** Resolves when what is accepted from then on is seen. */
  readonly ready: Promise<void>;
  readonly stop: () => void;
  readonly ended: Promise<void>;
}

/** Statements from the log for this instance's subscribers, through one tail that is open while somebody listens. */
export function createStatementFeed(options: {
  log: EventLog;
  logger: Logger;
  metrics: Metrics;
}): LiveStatements & {
  stop(): Promise<void>;
} {
  const subscribers = new Set<Subscriber>();
  let following: Following | undefined;
  let joining = 0;
  countSubscribers(options.metrics, () => subscribers.size - joining);

  const leave = (subscriber: Subscriber) => {
    subscribers.delete(subscriber);
    if (subscribers.size > 0) return;
    following?.stop();
    following = undefined;
  };

  return {
    async subscribe(organisationId, accepts) {
      const subscriber: Subscriber = {
        organisationId,
        accepts,
        queue: createSubscriberQueue({
          limit: mostWaiting,
          onEnd: () => {
            leave(subscriber);
          },
        }),
      };
      subscribers.add(subscriber);
      following ??= follow(options, (record) => publish(record, subscribers, options.logger));
      joining += 1;
      try {
        await following.ready;
      } catch (error) {
        subscriber.queue.end();
        throw error;
      } finally {
        joining -= 1;
      }
      return subscriber.queue;
    },

    async stop() {
      const last = following;
      for (const { queue } of subscribers) queue.end();
      await last?.ended;
    },
  };
}

/** Reads the log from now on until stopped; where it fails, from where it was, after a pause. */
function follow(
  { log, logger }: { log: EventLog; logger: Logger },
  take: (record: LogRecord) => Promise<void>,
): Following {
  const stopping = new AbortController();
  const { signal } = stopping;
  const first = log.tail({ topic: statementsTopic, from: 'now', signal });

  async function run(): Promise<void> {
    let from: TailOptions['from'] = 'now';
    for (let tail = first; ; tail = log.tail({ topic: statementsTopic, from, signal })) {
      try {
        for await (const record of tail) {
          from = { cursor: record.cursor };
          await take(record);
        }
      } catch (error) {
        if (error instanceof CursorExpiredError) from = 'now';
        logger.warn({ err: error }, 'the tail of the statements was interrupted, trying again');
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
      if (signal.aborted) return;
    }
  }

  const stop = () => {
    stopping.abort();
  };
  return { ready: first.ready, stop, ended: run() };
}

/** Nothing is decoded that nobody of the organisation listens for. */
async function publish(
  record: LogRecord,
  subscribers: ReadonlySet<Subscriber>,
  logger: Logger,
): Promise<void> {
  try {
    const { organisationId } = readBatchHeaders(record.headers);
    const listening = [...subscribers].filter((each) => each.organisationId === organisationId);
    if (listening.length === 0) return;
    const rows = decodeStatementBatch(record).statements.map(rowOfLogged);
    for (const { accepts, queue } of listening) {
      for (const row of rows) if (accepts(row)) queue.push(row);
    }
    // The subscribers take what they have before the next record comes.
    await breath();
  } catch (error) {
    if (!(error instanceof UnreadableBatchError)) throw error;
    logger.warn({ err: error, offset: record.offset }, 'a record that is not of statements was left out');
  }
}

function countSubscribers(metrics: Metrics, size: () => number): void {
  metrics.gauge({
    name: 'lyceum_live_subscribers',
    help: 'Subscriptions that receive statements',
    collect() {
      this.set(size());
    },
  });
}
