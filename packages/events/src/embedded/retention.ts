import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import { appendedAtOf } from './frame.ts';
import { offsetOf, recordKey } from './record-key.ts';
import type { LogStore } from './store.ts';
import { partitionsOf, selectPartition, type Topic } from './topics.ts';

/** One transaction's worth: appends of all processes wait while it runs. */
const RECORDS_A_STEP = 256;
const BYTES_A_STEP = 16 * 2 ** 20;

/**
 * What a group has yet to read stays this much longer, and may take this much more room: an outage of a weekend loses
 * nothing, and a group that nobody will ever read in again does not fill the disk.
 */
const UNREAD_FACTOR = 4;

export interface RetentionOptions {
  readonly store: LogStore;
  readonly everyMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Trims all topics now and then, in whichever process comes first. Resolves when the signal is aborted. */
export async function keepTrimming({ store, everyMs, logger, signal }: RetentionOptions): Promise<void> {
  while (await passes(everyMs, signal)) {
    try {
      if (await isTurn(store, everyMs)) await trimTopics(store, logger, signal);
    } catch (error) {
      logger.error({ err: error }, 'The event log was not trimmed');
    }
  }
}

/** False when the signal is aborted first. */
async function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal, ref: false }).catch(() => false);
}

async function isTurn(store: LogStore, everyMs: number): Promise<boolean> {
  return store.write(() => {
    const now = Date.now();
    if (now - (store.marks.get('trimmed-at') ?? 0) < everyMs / 2) return false;
    store.marks.putSync('trimmed-at', now);
    return true;
  });
}

async function trimTopics(store: LogStore, logger: Logger, signal: AbortSignal): Promise<void> {
  for (const { key, value } of [...store.topics.getRange()]) {
    const topic = { name: key, ...value };
    for (let more = true; more && !signal.aborted;) {
      // Another step, after whoever waited for the write lock.
      const step = await store.write(() => trimStep(store, topic, Date.now()));
      if (step.unread > 0)
        logger.error(
          { topic: key, records: step.unread },
          'Records were trimmed that not every group had read',
        );
      more = step.more;
    }
  }
}

export interface TrimStep {
  /** There may be more to remove. */
  readonly more: boolean;
  /** Records that were removed though a group had not read them. */
  readonly unread: number;
}

/** Removes some of the oldest records beyond the topic's limits. */
export function trimStep(store: LogStore, topic: Topic, now: number): TrimStep {
  const sizes = partitionsOf(topic).map((partition) => selectPartition(store, topic, partition).bytes);
  const size = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const step = { more: false, unread: 0 };
  let removed = 0;
  for (const partition of byAge(store, topic)) {
    const limits = {
      unreadFrom: unreadFrom(store, topic, partition),
      read: limitsOf(topic, size - removed, now, 1),
      unread: limitsOf(topic, size - removed, now, UNREAD_FACTOR),
    };
    const trimmed = trimPartition(store, topic, partition, limits);
    removed += trimmed.bytes;
    step.unread += trimmed.unread;
    step.more ||= trimmed.more;
  }
  return step;
}

/** What is older than `before` goes, and the oldest until `excess` bytes are gone. */
interface Limits {
  readonly before: number;
  readonly excess: number;
}

interface PartitionLimits {
  /** The first offset that some group has not read. */
  readonly unreadFrom: number;
  readonly read: Limits;
  readonly unread: Limits;
}

function limitsOf({ retentionMs, retentionBytes }: Topic, size: number, now: number, factor: number): Limits {
  return { before: now - factor * retentionMs, excess: size - factor * retentionBytes };
}

function unreadFrom(store: LogStore, topic: Topic, partition: number): number {
  const committed = [...store.offsets.getRange()].filter(
    ({ key: [, name, of] }) => name === topic.name && of === partition,
  );
  return Math.min(Infinity, ...committed.map(({ value }) => value));
}

/** The partitions that hold records, the one with the oldest record first. */
function byAge(store: LogStore, topic: Topic): number[] {
  const oldest = partitionsOf(topic).flatMap((partition) => {
    const frame = store.records.get(
      recordKey(topic.id, partition, selectPartition(store, topic, partition).start),
    );
    return frame === undefined ? [] : [{ partition, at: appendedAtOf(frame) }];
  });
  return oldest.sort((a, b) => a.at - b.at).map(({ partition }) => partition);
}

function trimPartition(store: LogStore, topic: Topic, partition: number, limits: PartitionLimits) {
  const entry = selectPartition(store, topic, partition);
  const { keys, bytes } = expired(store, topic, partition, limits);
  if (keys.length === 0) return { bytes, unread: 0, more: false };
  for (const key of keys) store.records.removeSync(key);
  const start = entry.start + keys.length;
  store.partitions.putSync([topic.id, partition], { ...entry, start, bytes: entry.bytes - bytes });
  const unread = Math.max(0, start - Math.max(limits.unreadFrom, entry.start));
  return { bytes, unread, more: start < entry.next };
}

/** The oldest records beyond the limits, one step's worth: none is read behind the first that stays. */
function expired(store: LogStore, topic: Topic, partition: number, limits: PartitionLimits) {
  const { start, next } = selectPartition(store, topic, partition);
  const range = {
    start: recordKey(topic.id, partition, start),
    end: recordKey(topic.id, partition, next),
    limit: RECORDS_A_STEP,
  };
  const keys: Buffer[] = [];
  let bytes = 0;
  for (const { key, value } of store.records.getRange(range)) {
    const { before, excess } = offsetOf(key) < limits.unreadFrom ? limits.read : limits.unread;
    if (bytes >= BYTES_A_STEP || (appendedAtOf(value) >= before && bytes >= excess)) break;
    keys.push(key);
    bytes += value.length;
  }
  return { keys, bytes };
}
