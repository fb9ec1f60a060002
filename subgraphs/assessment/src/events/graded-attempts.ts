import { setTimeout as delay } from 'node:timers/promises';
import {
  CursorExpiredError,
  eventTypeOf,
  parseDomainEvent,
  UnreadableRecordError,
  type EventLog,
  type LogRecord,
  type Tail,
} from '@lyceum/events';
import type { Logger, Metrics } from '@lyceum/service';
import { createLiveFeed } from './live-feed.ts';

/** An attempt that was graded just now, by this instance of the service or by another one. */
export interface GradedAttempt {
  readonly attemptId: string;
  readonly organisationId: string;
  readonly learnerId: string;
  readonly assessmentId: string;
}

export interface GradedAttempts {
  /** What is graded from now on, until `return` is called or the service stops. */
  readonly subscribe: (accepts: (attempt: GradedAttempt) => boolean) => AsyncIterableIterator<GradedAttempt>;
  readonly stop: () => Promise<void>;
}

const topic = 'assessment.events';
const pauseMs = 1_000;

/** One tail of the log for all subscribers of this instance. Resolves when everything graded from now on is seen. */
export async function followGradedAttempts(options: {
  log: EventLog;
  logger: Logger;
  metrics: Metrics;
}): Promise<GradedAttempts> {
  const feed = createLiveFeed<GradedAttempt>();
  countSubscribers(options.metrics, feed.size);
  const stopping = new AbortController();
  const first = options.log.tail({ topic, from: 'now', signal: stopping.signal });
  const ended = follow(first, { ...options, publish: feed.publish, signal: stopping.signal });
  await first.ready;
  return {
    subscribe: feed.subscribe,
    stop: async () => {
      stopping.abort();
      feed.close();
      await ended;
    },
  };
}

function countSubscribers(metrics: Metrics, size: () => number): void {
  metrics.gauge({
    name: 'lyceum_live_subscribers',
    help: 'Subscriptions to graded attempts that are open',
    collect() {
      this.set(size());
    },
  });
}

interface Following {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly publish: (attempt: GradedAttempt) => void;
}

/** Reads on until stopped; where the log fails, from where it was, after a pause. */
async function follow(first: Tail, following: Following): Promise<void> {
  const { log, logger, signal } = following;
  let tail = first;
  let from: 'now' | { cursor: string } = 'now';
  while (!signal.aborted) {
    try {
      for await (const record of tail) {
        from = { cursor: record.cursor };
        publishRecord(record, following);
      }
    } catch (error) {
      if (error instanceof CursorExpiredError) from = 'now';
      logger.warn({ err: error, topic }, 'The live events were interrupted, trying again');
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    tail = log.tail({ topic, from, signal });
  }
}

function publishRecord(record: LogRecord, { publish, logger }: Following): void {
  if (eventTypeOf(record) !== 'attempt.graded') return;
  try {
    const event = parseDomainEvent(record);
    if (event?.type !== 'attempt.graded') return;
    const { id: attemptId, learnerId, assessmentId } = event.data.attempt;
    publish({ attemptId, organisationId: event.organisation, learnerId, assessmentId });
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    logger.warn({ err: error, topic }, 'An event that no subscriber can read was left out');
  }
}
