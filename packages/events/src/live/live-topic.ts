import { setImmediate as breath } from 'node:timers/promises';
import type { Logger, Metrics } from '@lyceum/service';
import { UnreadableRecordError } from '../errors.ts';
import type { EventLog, LogRecord } from '../event-log.ts';
import { followTopic, type Following } from './follow-topic.ts';
import { createSubscriberQueue, type SubscriberQueue } from './subscriber-queue.ts';

/** What subscribers receive belongs to one organisation each, and reaches nobody of another. */
export interface LiveValue {
  readonly organisationId: string;
}

export interface LiveTopic<T extends LiveValue> {
  /**
   * What is appended for the organisation after this resolves, as far as `accepts` says, until the reader returns. A
   * reader that falls too far behind is ended with SlowSubscriberError.
   */
  subscribe(organisationId: string, accepts: (value: T) => boolean): Promise<AsyncIterableIterator<T>>;
  /** Ends all subscriptions. */
  stop(): Promise<void>;
}

export interface LiveTopicOptions<T extends LiveValue> {
  readonly log: EventLog;
  readonly topic: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /**
   * What a record says to subscribers. It may leave out at once what is not for any of `organisations`, those that
   * have subscribers now. An UnreadableRecordError leaves the record out: a tail has no dead letters.
   */
  readonly read: (record: LogRecord, organisations: ReadonlySet<string>) => readonly T[];
  /** Where only the newest state counts: what the value is a state of. */
  readonly keyOf?: (value: T) => string;
  /** Values that may wait for one subscriber. Default 10,000. */
  readonly limit?: number;
}

interface Subscriber<T> {
  readonly organisationId: string;
  readonly accepts: (value: T) => boolean;
  readonly queue: SubscriberQueue<T>;
  /** Whether the tail is open for it. */
  joined: boolean;
}

/** A topic handed to the subscribers of this instance, through one tail that is open while somebody listens. */
export function createLiveTopic<T extends LiveValue>(options: LiveTopicOptions<T>): LiveTopic<T> {
  const { topic, limit = 10_000, keyOf } = options;
  const subscribers = new Set<Subscriber<T>>();
  let following: Following | undefined;
  const count = createCount(options, subscribers);

  const leave = (subscriber: Subscriber<T>) => {
    subscribers.delete(subscriber);
    count();
    if (subscribers.size > 0) return;
    void following?.stop();
    following = undefined;
  };

  return {
    async subscribe(organisationId, accepts) {
      const queue = createSubscriberQueue<T>({
        limit,
        keyOf,
        onEnd: () => {
          leave(subscriber);
        },
      });
      const subscriber = { organisationId, accepts, queue, joined: false };
      subscribers.add(subscriber);
      following ??= followTopic({
        ...options,
        topic,
        take: (record) => publish(record, subscribers, options),
      });
      try {
        await following.ready;
        subscriber.joined = true;
        count();
      } catch (error) {
        queue.end();
        throw error;
      }
      return queue;
    },

    async stop() {
      const last = following;
      for (const { queue } of subscribers) queue.end();
      await last?.stop();
    },
  };
}

async function publish<T extends LiveValue>(
  record: LogRecord,
  subscribers: ReadonlySet<Subscriber<T>>,
  { read, logger, topic }: LiveTopicOptions<T>,
): Promise<void> {
  try {
    const listening = [...subscribers];
    const values = read(record, new Set(listening.map(({ organisationId }) => organisationId)));
    if (values.length === 0) return;
    for (const subscriber of listening) {
      for (const value of values) if (isFor(subscriber, value)) subscriber.queue.push(value);
    }
    // The subscribers take what they have before the next record comes.
    await breath();
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    logger.warn(
      { err: error, topic, offset: record.offset },
      'a record that no subscriber can read was left out',
    );
  }
}

function isFor<T extends LiveValue>({ organisationId, accepts }: Subscriber<T>, value: T): boolean {
  return value.organisationId === organisationId && accepts(value);
}

/** One gauge a service, which may have several topics; it says of each how many there are whenever that changes. */
function createCount(
  { metrics, topic }: { metrics: Metrics; topic: string },
  subscribers: ReadonlySet<{ readonly joined: boolean }>,
): () => void {
  const name = 'lyceum_live_subscribers';
  const help = 'Subscriptions that this instance serves, by the topic that feeds them';
  const known = metrics.registry.getSingleMetric(name) as Gauge | undefined;
  const gauge: Gauge = known ?? metrics.gauge({ name, help, labelNames: ['topic'] });
  const count = () => {
    gauge.set({ topic }, [...subscribers].filter(({ joined }) => joined).length);
  };
  count();
  return count;
}

/** What of a gauge is needed. */
interface Gauge {
  set(labels: Record<'topic', string>, value: number): void;
}
