import { randomUUID } from 'node:crypto';
import type { Logger } from '@lyceum/service';
import type { Admin, Consumer as KafkaConsumer, EachBatchPayload } from 'kafkajs';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { CursorExpiredError } from '../errors.ts';
import type { LogRecord, Tail, TailOptions } from '../event-log.ts';
import { RETRY, type KafkaClient } from './client.ts';
import { createHandover, type Handover } from './handover.ts';
import { keepAlive } from './heartbeat.ts';
import { toLogRecord } from './records.ts';
import type { KafkaTopics } from './topics.ts';

export interface KafkaTailOptions extends TailOptions {
  readonly client: KafkaClient;
  readonly admin: Admin;
  readonly topics: KafkaTopics;
  /** The ends of all tails that are open: this one adds its own. */
  readonly tails: Set<() => Promise<void>>;
  readonly logger: Logger;
}

/** For each partition, the offset to read next. */
type Positions = Map<number, bigint>;

const HEARTBEAT_MS = 2_000;

/**
 * kafkajs reads as a group only. A tail is therefore a group of one, with a name of its own: it commits nothing,
 * starts where it is told, and is deleted in the end. Its start is fixed (and `ready`) before it has joined.
 */
export function createKafkaTail(options: KafkaTailOptions): Tail {
  const start = locate(options);
  const ready = start.then((next) => encodeCursor({ topic: options.topic, at: Date.now(), next }));
  // Who only iterates gets the reason from the iteration.
  ready.catch(() => undefined);
  return { ready, [Symbol.asyncIterator]: () => records(options, start) };
}

async function locate({ admin, topics, topic, from }: KafkaTailOptions): Promise<Positions> {
  const cursor = from === 'now' ? undefined : decodeCursor(topic, from.cursor);
  await topics.open(topic);
  const ends = await admin.fetchTopicOffsets(topic);
  if (cursor === undefined) return new Map(ends.map(({ partition, high }) => [partition, BigInt(high)]));
  const byTime = await admin.fetchTopicOffsetsByTimestamp(topic, cursor.at);
  return new Map(
    ends.map(({ partition, low, high }) => {
      const known = cursor.next.get(partition);
      if (known === undefined) {
        const { offset = high } = byTime.find((each) => each.partition === partition) ?? {};
        return [partition, offset === '-1' ? BigInt(high) : BigInt(offset)];
      }
      // Beyond the end: the topic was made anew since the cursor was given.
      if (known < BigInt(low) || known > BigInt(high)) throw new CursorExpiredError(topic);
      return [partition, known];
    }),
  );
}

async function* records(
  options: KafkaTailOptions,
  start: Promise<Positions>,
): AsyncGenerator<LogRecord, void, undefined> {
  const positions = new Map(await start);
  if (options.signal.aborted) return;
  const handover = createHandover<LogRecord>(options.signal);
  const end = await readInto(handover, positions, options);
  try {
    yield* handover.items();
  } finally {
    await end();
  }
}

async function readInto(
  handover: Handover<LogRecord>,
  positions: Positions,
  options: KafkaTailOptions,
): Promise<() => Promise<void>> {
  const { client, topic, logger, tails } = options;
  const groupId = `lyceum-tail-${randomUUID()}`;
  const consumer = client.kafka.consumer({
    groupId,
    heartbeatInterval: HEARTBEAT_MS,
    maxBytesPerPartition: 2 ** 20,
    maxBytes: 4 * 2 ** 20,
    maxWaitTimeInMs: 500,
    retry: RETRY,
  });
  consumer.on(consumer.events.GROUP_JOIN, () => {
    // Before the first fetch, and again after each rejoin: nothing is committed that could be gone back to.
    for (const [partition, offset] of positions) consumer.seek({ topic, partition, offset: String(offset) });
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    logger.warn({ err: error, topic, restart }, 'A tail failed');
    if (!restart) handover.fail(error);
  });
  await consumer.connect();
  await consumer.subscribe({ topic });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 64,
    eachBatch: (payload) => handOver(payload, positions, handover),
  });
  const end = once(async () => {
    tails.delete(end);
    handover.end();
    await leave(consumer, groupId, options.admin);
  });
  tails.add(end);
  return end;
}

async function leave(consumer: KafkaConsumer, groupId: string, admin: Admin): Promise<void> {
  await consumer.disconnect().catch(() => undefined);
  // The brokers drop an empty group without offsets by themselves, later.
  await admin.deleteGroups([groupId]).catch(() => undefined);
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= run());
}

async function handOver(
  payload: EachBatchPayload,
  positions: Positions,
  handover: Handover<LogRecord>,
): Promise<void> {
  const { batch } = payload;
  const session = keepAlive(() => payload.heartbeat(), HEARTBEAT_MS);
  try {
    for (const message of batch.messages) {
      if (!payload.isRunning() || handover.ended()) return;
      const offset = BigInt(message.offset);
      if (offset < (positions.get(batch.partition) ?? 0n)) continue;
      positions.set(batch.partition, offset + 1n);
      await handover.put(toLogRecord(batch.topic, batch.partition, message, new Map(positions)));
    }
    session.throwIfFailed();
  } finally {
    session.end();
  }
}
