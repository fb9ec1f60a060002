import { randomUUID } from 'node:crypto';
import type { Logger } from '@lyceum/service';
import type { Admin, Consumer as KafkaConsumer, EachBatchPayload } from 'kafkajs';
import { decodeCursor, encodeCursor, type Position } from '../cursor.ts';
import { CursorExpiredError } from '../errors.ts';
import type { LogRecord, Tail, TailOptions } from '../event-log.ts';
import { createMilestone, type Milestone } from '../milestone.ts';
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
  const ready = start.then(({ positions }) =>
    encodeCursor({ topic: options.topic, at: Date.now(), next: positions }),
  );
  // Who only iterates gets the reason from the iteration.
  ready.catch(() => undefined);
  const caughtUp = createMilestone();
  return {
    ready,
    caughtUp: caughtUp.reached,
    [Symbol.asyncIterator]: () => records(options, start, caughtUp),
  };
}

interface Start {
  readonly positions: Positions;
  /** Where the partitions ended when the tail began. */
  readonly ends: Positions;
}

async function locate({ admin, topics, topic, from }: KafkaTailOptions): Promise<Start> {
  const place = placeOf(topic, from);
  await topics.open(topic);
  const offsets = await admin.fetchTopicOffsets(topic);
  const ends = new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
  if (place === undefined) return { positions: new Map(ends), ends };
  const byTime = await admin.fetchTopicOffsetsByTimestamp(topic, place.at);
  const positions = new Map(
    offsets.map(({ partition, low, high }) => {
      const known = place.next.get(partition);
      if (known === undefined) {
        const { offset = high } = byTime.find((each) => each.partition === partition) ?? {};
        return [partition, offset === '-1' ? BigInt(high) : BigInt(offset)];
      }
      // Beyond the end: the topic was made anew since the cursor was given.
      if (known < BigInt(low) || known > BigInt(high)) throw new CursorExpiredError(topic);
      return [partition, known];
    }),
  );
  return { positions, ends };
}

/** A time is a cursor that knows no partition. Undefined: from now on. */
function placeOf(topic: string, from: TailOptions['from']): Pick<Position, 'at' | 'next'> | undefined {
  if (from === 'now') return undefined;
  return 'since' in from ? { at: from.since.getTime(), next: new Map() } : decodeCursor(topic, from.cursor);
}

async function* records(
  options: KafkaTailOptions,
  start: Promise<Start>,
  caughtUp: Milestone,
): AsyncGenerator<LogRecord, void, undefined> {
  const { positions: initial, ends } = await start;
  const positions = new Map(initial);
  if (options.signal.aborted) return;
  const passed = passedBy(initial, ends, caughtUp);
  const handover = createHandover<LogRecord>(options.signal);
  const end = await readInto(handover, positions, passed, options);
  try {
    yield* handover.items();
  } finally {
    await end();
  }
}

/** Notes how far each partition was read, the marks of transactions too, until all that was there is. */
function passedBy(initial: Positions, ends: Positions, caughtUp: Milestone) {
  const behind = new Map([...ends].filter(([partition, end]) => (initial.get(partition) ?? 0n) < end));
  const reachWhenNone = () => {
    if (behind.size === 0) caughtUp.reach();
  };
  reachWhenNone();
  return (partition: number, next: bigint) => {
    if (next >= (behind.get(partition) ?? 0n)) behind.delete(partition);
    reachWhenNone();
  };
}

async function readInto(
  handover: Handover<LogRecord>,
  positions: Positions,
  passed: (partition: number, next: bigint) => void,
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
  // Also told of batches that hold nothing but marks, which no handler sees.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    passed(partition, BigInt(lastOffset) + 1n);
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
