import { setTimeout as delay } from 'node:timers/promises';
import {
  CursorExpiredError,
  eventTypeOf,
  parseDomainEvent,
  UnreadableRecordError,
  type EventLog,
  type LogRecord,
  type TailOptions,
} from '@lyceum/events';
import type { Logger, Metrics } from '@lyceum/service';
import type { ShownCourseProgress } from '../store/course-progress.ts';
import { createSubscriberQueue, type SubscriberQueue } from './subscriber-queue.ts';

export interface ProgressFeed {
  /** Every later change that `wanted` accepts, until the reader returns. */
  subscribe(wanted: (progress: ShownCourseProgress) => boolean): AsyncIterableIterator<ShownCourseProgress>;
  stop(): Promise<void>;
}

/** Learners whose newest state a subscriber may leave untaken. */
const queueLimit = 10_000;
const pauseMs = 1_000;

/** One tail of learning's events in each instance, shared by all of its subscribers. Resolves when it has begun. */
export async function startProgressFeed(options: {
  log: EventLog;
  logger: Logger;
  metrics: Metrics;
}): Promise<ProgressFeed> {
  const stopping = new AbortController();
  const subscribers = new Map<
    SubscriberQueue<ShownCourseProgress>,
    (progress: ShownCourseProgress) => boolean
  >();
  const deliver = (progress: ShownCourseProgress) => {
    for (const [queue, wanted] of subscribers) if (wanted(progress)) queue.push(progress.id, progress);
  };
  options.metrics.gauge({
    name: 'lyceum_learning_live_subscribers',
    help: 'Subscribers of progressUpdated that this instance serves',
    collect() {
      this.set(subscribers.size);
    },
  });
  let ended = Promise.resolve();
  await new Promise<void>((begun) => {
    ended = follow({ ...options, deliver, signal: stopping.signal, onBegun: begun });
  });
  return {
    subscribe(wanted) {
      const queue = createSubscriberQueue<ShownCourseProgress>({
        limit: queueLimit,
        onEnd: () => subscribers.delete(queue),
      });
      subscribers.set(queue, wanted);
      return queue;
    },
    async stop() {
      stopping.abort();
      for (const queue of subscribers.keys()) queue.end();
      await ended;
    },
  };
}

/** Where the feed is in the topic. */
interface Place {
  from: TailOptions['from'];
}

interface Following {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly deliver: (progress: ShownCourseProgress) => void;
  readonly onBegun: () => void;
}

/** Reads on behind the last record whenever the log was away; where that is past retention, from now. */
async function follow(following: Following): Promise<void> {
  const { logger, signal } = following;
  const place: Place = { from: 'now' };
  while (!signal.aborted) {
    try {
      await readOn(place, following);
    } catch (error) {
      if (error instanceof CursorExpiredError) place.from = 'now';
      logger.warn({ err: error }, 'the feed of live progress was interrupted; going on');
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function readOn(place: Place, { log, logger, signal, deliver, onBegun }: Following): Promise<void> {
  const tail = log.tail({ topic: 'learning.events', from: place.from, signal });
  await tail.ready;
  onBegun();
  for await (const record of tail) {
    place.from = { cursor: record.cursor };
    const progress = readProgress(record, logger);
    if (progress) deliver(progress);
  }
}

function readProgress(record: LogRecord, logger: Logger): ShownCourseProgress | undefined {
  if (eventTypeOf(record) !== 'progress.changed') return undefined;
  try {
    const event = parseDomainEvent(record);
    if (event?.type !== 'progress.changed') return undefined;
    const { startedAt, completedAt, updatedAt, ...progress } = event.data.progress;
    return {
      ...progress,
      organisationId: event.organisation,
      startedAt: startedAt === null ? null : new Date(startedAt),
      completedAt: completedAt === null ? null : new Date(completedAt),
      updatedAt: new Date(updatedAt),
    };
  } catch (error) {
    // A tail commits nothing and has no dead letters: the groups that read this topic put the record aside.
    if (!(error instanceof UnreadableRecordError)) throw error;
    logger.error({ err: error, offset: record.offset }, 'an event of live progress can not be read');
    return undefined;
  }
}
