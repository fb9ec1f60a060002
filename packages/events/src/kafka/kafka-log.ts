import type { Logger } from '@lyceum/service';
import type { Admin } from 'kafkajs';
import { EventLogClosedError, EventLogUnavailableError } from '../errors.ts';
import type { Consumer, EventLog, PartitionLag, PartitionPosition } from '../event-log.ts';
import type { LogMetrics } from '../log-metrics.ts';
import { untilPassed } from '../passed.ts';
import type { TopicSettingsByName } from '../topic-settings.ts';
import { createKafkaAppender } from './appender.ts';
import { connectAdmin, createKafkaClient } from './client.ts';
import { startKafkaConsumer } from './group-consumer.ts';
import { createKafkaTail } from './tail.ts';
import { createKafkaTopics } from './topics.ts';

export interface KafkaLogOptions {
  /** `host:port`, comma-separated */
  readonly brokers: string;
  readonly clientId: string;
  readonly logger: Logger;
  readonly metrics: LogMetrics;
  readonly settings?: TopicSettingsByName;
  /** How long to try to reach the brokers at the start. */
  readonly tryForMs?: number;
}

const CHECK_MS = 5_000;

/**
 * The event log on Apache Kafka.
 *
 * @throws EventLogUnavailableError when no broker answers
 */
export async function createKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const { logger, metrics, settings = {}, tryForMs = 30_000 } = options;
  const client = createKafkaClient(options.brokers, options.clientId, logger);
  const admin = await connectAdmin(client, tryForMs);
  const topics = createKafkaTopics(admin, settings);
  const appender = createKafkaAppender(client, topics);
  const closing = new AbortController();
  const consumers = new Map<Consumer, string>();

  const append: EventLog['append'] = async (records) => {
    if (records.length === 0) return;
    await appender.append(records);
    metrics.appended(records);
  };

  const consume: EventLog['consume'] = async (consumeOptions) => {
    if (closing.signal.aborted) throw new EventLogClosedError();
    const { group, handle } = consumeOptions;
    await Promise.all(consumeOptions.topics.map((name) => topics.open(name)));
    const delivery = { group, handle, append, logger, metrics };
    const started = await startKafkaConsumer({ client, consume: consumeOptions, delivery, logger });
    const consumer = { stop: () => started.stop().finally(() => consumers.delete(consumer)) };
    consumers.set(consumer, group);
    return consumer;
  };

  const tails = new Set<() => Promise<void>>();
  const lag = (group: string) => lagOf(admin, group);
  metrics.observeLag(() => new Set(consumers.values()), lag);
  return {
    append,
    consume,
    tail: (tailOptions) => {
      if (closing.signal.aborted) throw new EventLogClosedError();
      const signal = AbortSignal.any([tailOptions.signal, closing.signal]);
      return createKafkaTail({ ...tailOptions, signal, client, admin, topics, tails, logger });
    },
    lag,
    positions: async ({ group, topic }) => {
      if (!(await topics.exist(topic))) return [];
      return positionsOf(admin, group, topic);
    },
    passed: async ({ group, topic, signal }) => {
      await topics.open(topic);
      await untilPassed(
        () => positionsOf(admin, group, topic).catch(unlessRetriable),
        AbortSignal.any([signal, closing.signal]),
      );
    },
    check: () => check(admin, client.brokers),
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort();
      await Promise.all([...consumers.keys()].map((consumer) => consumer.stop()));
      await Promise.all([...tails].map((end) => end()));
      await appender.close();
      await admin.disconnect();
    },
  };
}

async function lagOf(admin: Admin, groupId: string): Promise<PartitionLag[]> {
  const committed = await admin.fetchOffsets({ groupId });
  const lags = await Promise.all(
    committed.map(({ topic, partitions }) => lagOfTopic(admin, topic, partitions)),
  );
  return lags.flat();
}

async function lagOfTopic(
  admin: Admin,
  topic: string,
  committed: readonly { readonly partition: number; readonly offset: string }[],
): Promise<PartitionLag[]> {
  const known = new Map(committed.map(({ partition, offset }) => [partition, Number(offset)]));
  const ends = await admin.fetchTopicOffsets(topic);
  // Of a partition in which the group has committed nothing yet all lies before it.
  return ends.map(({ partition, low, high }) => {
    const from = Math.max(known.get(partition) ?? -1, Number(low));
    return { topic, partition, lag: Math.max(Number(high) - from, 0), committed: from };
  });
}

async function positionsOf(admin: Admin, groupId: string, topic: string): Promise<PartitionPosition[]> {
  const [committed, offsets] = await Promise.all([
    admin.fetchOffsets({ groupId, topics: [topic] }),
    admin.fetchTopicOffsets(topic),
  ]);
  const known = new Map(
    committed.flatMap(({ partitions }) => partitions.map(({ partition, offset }) => [partition, offset])),
  );
  return offsets.map(({ partition, low, high }) => {
    const offset = known.get(partition) ?? '-1';
    return {
      partition,
      start: BigInt(low),
      end: BigInt(high),
      committed: offset === '-1' ? undefined : BigInt(offset),
    };
  });
}

/** A coordinator that loads or moves: kafkajs gives such errors to who asks in the meantime. */
function unlessRetriable(error: unknown): undefined {
  if ((error as { retriable?: boolean }).retriable !== true) throw error;
}

async function check(admin: Admin, brokers: readonly string[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new EventLogUnavailableError(brokers, CHECK_MS / 1000, 'no answer'));
    }, CHECK_MS);
  });
  try {
    await Promise.race([admin.describeCluster(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
