import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import type { Consumer as KafkaConsumer, EachBatchPayload } from 'kafkajs';
import { deliverOnce, type DeliverOptions } from '../deliver.ts';
import type { ConsumeOptions, Consumer, LogRecord } from '../event-log.ts';
import { RETRY, type KafkaClient } from './client.ts';
import { keepAlive } from './heartbeat.ts';
import { toLogRecord } from './records.ts';

export interface KafkaGroupOptions {
  readonly client: KafkaClient;
  readonly consume: ConsumeOptions;
  readonly delivery: DeliverOptions;
  readonly logger: Logger;
}

interface Member {
  readonly options: KafkaGroupOptions;
  readonly stopping: AbortSignal;
  /** Aborts the batches in hand. */
  readonly work: AbortSignal;
  /** By partition: what its first batch has been through. */
  readonly troubles: Map<string, Trouble>;
}

interface Trouble {
  failures: number;
  readonly aside: Set<string>;
}

const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 2_000;
const STOP_GRACE_MS = 5_000;
const RESTART_MS = 5_000;
/** What one fetch may bring for all partitions of a member: the bound on its memory. */
const FETCH_BATCHES = 4;

/** A member of a group. kafkajs may give up on it; then it joins anew. */
export async function startKafkaConsumer(options: KafkaGroupOptions): Promise<Consumer> {
  const stopping = new AbortController();
  const work = new AbortController();
  const member: Member = { options, stopping: stopping.signal, work: work.signal, troubles: new Map() };
  let current = await joinGroup(member);
  const ended = (async () => {
    while ((await current.over) === 'gave up') current = await joinAgain(member, current);
  })();
  return {
    stop: async () => {
      if (stopping.signal.aborted) return ended;
      stopping.abort();
      const grace = setTimeout(() => {
        work.abort();
      }, STOP_GRACE_MS);
      await ended;
      await current.consumer.disconnect();
      clearTimeout(grace);
    },
  };
}

interface Membership {
  readonly consumer: KafkaConsumer;
  readonly over: Promise<'stopped' | 'gave up'>;
}

async function joinGroup(member: Member): Promise<Membership> {
  const { client, consume, logger } = member.options;
  const maxBytes = consume.maxBatchBytes ?? 4 * 2 ** 20;
  const consumer = client.kafka.consumer({
    groupId: consume.group,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxBytesPerPartition: maxBytes,
    maxBytes: FETCH_BATCHES * maxBytes,
    maxWaitTimeInMs: 500,
    retry: RETRY,
  });
  const over = new Promise<'stopped' | 'gave up'>((resolve) => {
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      logger.error({ err: error, group: consume.group, restart }, 'The consumer failed and joins again');
      if (!restart) resolve('gave up');
    });
    member.stopping.addEventListener('abort', () => {
      resolve('stopped');
    });
  });
  commitMarks(consumer, logger);
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [...consume.topics], fromBeginning: consume.from !== 'latest' });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    // Partitions do not wait for each other.
    partitionsConsumedConcurrently: 64,
    eachBatch: (payload) => handleFetched(payload, member),
  });
  await Promise.race([joined, over]);
  return { consumer, over };
}

/**
 * A fetch may bring only marks of transactions, which kafkajs keeps from the handler: nothing would commit past them, and
 * the group would seem to lag behind for as long as the partition is quiet.
 */
function commitMarks(consumer: KafkaConsumer, logger: Logger): void {
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    const { topic, partition, batchSize, lastOffset } = payload;
    if (batchSize > 0) return;
    const offset = String(BigInt(lastOffset) + 1n);
    consumer.commitOffsets([{ topic, partition, offset }]).catch((error: unknown) => {
      logger.debug({ err: error, topic, partition }, 'The marks behind the last record were not committed');
    });
  });
}

async function joinAgain(member: Member, last: Membership): Promise<Membership> {
  await last.consumer.disconnect().catch(() => undefined);
  for (;;) {
    await sleep(RESTART_MS, undefined, { signal: member.stopping }).catch(() => undefined);
    if (member.stopping.aborted) return { consumer: last.consumer, over: Promise.resolve('stopped') };
    try {
      return await joinGroup(member);
    } catch (error) {
      member.options.logger.error({ err: error }, 'The consumer could not join its group');
    }
  }
}

/** Handles what was fetched of one partition, piece by piece, each committed before the next. */
async function handleFetched(payload: EachBatchPayload, member: Member): Promise<void> {
  const { topic, partition, messages } = payload.batch;
  const { consume } = member.options;
  const records = messages.map((message) => toLogRecord(topic, partition, message));
  const session = keepAlive(() => payload.heartbeat(), HEARTBEAT_MS);
  try {
    for (const piece of pieces(
      records,
      consume.maxBatchRecords ?? 500,
      consume.maxBatchBytes ?? 4 * 2 ** 20,
    )) {
      if (member.stopping.aborted || !payload.isRunning() || payload.isStale()) return;
      if (!(await handlePiece(piece, payload, member))) return;
      // The group is rebalancing, or has dropped this member: kafkajs joins again when it learns of it here.
      session.throwIfFailed();
    }
  } finally {
    session.end();
  }
}

/** False when the piece has to come again. */
async function handlePiece(
  records: readonly LogRecord[],
  payload: EachBatchPayload,
  member: Member,
): Promise<boolean> {
  const { topic, partition } = payload.batch;
  const place = `${topic}/${partition}`;
  const trouble = member.troubles.get(place) ?? { failures: 0, aside: new Set() };
  const batch = { topic, partition, records, signal: member.work };
  const delay = await deliverOnce(batch, trouble.aside, trouble.failures, member.options.delivery);
  if (delay !== undefined) {
    member.troubles.set(place, { ...trouble, failures: trouble.failures + 1 });
    pauseFor(delay, payload, member);
    return false;
  }
  member.troubles.delete(place);
  await commitBehind(records, payload);
  return true;
}

/** The other partitions go on meanwhile; this one is fetched again from what was last committed. */
function pauseFor(delay: number, payload: EachBatchPayload, { stopping }: Member): void {
  const resume = payload.pause();
  sleep(delay, undefined, { signal: stopping }).then(resume, () => undefined);
}

async function commitBehind(records: readonly LogRecord[], payload: EachBatchPayload): Promise<void> {
  const { batch } = payload;
  const { topic, partition, messages } = batch;
  const last = records.at(-1)?.offset ?? '0';
  // Behind the last message there may be the marks of transactions: they are done with, too.
  const done = last === messages.at(-1)?.offset ? batch.lastOffset() : last;
  const offset = String(BigInt(done) + 1n);
  await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
  payload.resolveOffset(last);
}

function* pieces(
  records: readonly LogRecord[],
  maxRecords: number,
  maxBytes: number,
): Generator<LogRecord[]> {
  let piece: LogRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (piece.length > 0 && (piece.length === maxRecords || bytes + record.value.length > maxBytes)) {
      yield piece;
      piece = [];
      bytes = 0;
    }
    piece.push(record);
    bytes += record.value.length;
  }
  if (piece.length > 0) yield piece;
}
