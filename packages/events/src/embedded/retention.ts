import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import { appendedAtOf } from './frame.ts';
import { recordKey } from './record-key.ts';
import type { LogStore } from './store.ts';
import { partitionsOf, selectPartition, type Topic } from './topics.ts';

/** One transaction's worth: appends of all processes wait while it runs. */
const RECORDS_A_STEP = 256;
const BYTES_A_STEP = 16 * 2 ** 20;

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
      if (await isTurn(store, everyMs)) await trimTopics(store, signal);
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

async function trimTopics(store: LogStore, signal: AbortSignal): Promise<void> {
  for (const { key, value } of [...store.topics.getRange()]) {
    const topic = { name: key, ...value };
    while (!signal.aborted && (await store.write(() => trimStep(store, topic, Date.now())))) {
      // Another step, after whoever waited for the write lock.
    }
  }
}

/** Removes some of the oldest records beyond the topic's limits. True when there may be more. */
export function trimStep(store: LogStore, topic: Topic, now: number): boolean {
  const sizes = partitionsOf(topic).map((partition) => selectPartition(store, topic, partition).bytes);
  let excess = sizes.reduce((sum, bytes) => sum + bytes, 0) - topic.retentionBytes;
  let more = false;
  for (const partition of byAge(store, topic)) {
    const removed = trimPartition(store, topic, partition, now - topic.retentionMs, excess);
    excess -= removed.bytes;
    more ||= removed.more;
  }
  return more;
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

function trimPartition(store: LogStore, topic: Topic, partition: number, before: number, excess: number) {
  const entry = selectPartition(store, topic, partition);
  const { keys, bytes } = expired(store, topic, partition, before, excess);
  if (keys.length === 0) return { bytes, more: false };
  for (const key of keys) store.records.removeSync(key);
  const start = entry.start + keys.length;
  store.partitions.putSync([topic.id, partition], { ...entry, start, bytes: entry.bytes - bytes });
  return { bytes, more: start < entry.next };
}

/** The oldest records beyond the limits, one step's worth: none is read behind the first that stays. */
function expired(store: LogStore, topic: Topic, partition: number, before: number, excess: number) {
  const { start, next } = selectPartition(store, topic, partition);
  const range = {
    start: recordKey(topic.id, partition, start),
    end: recordKey(topic.id, partition, next),
    limit: RECORDS_A_STEP,
  };
  const keys: Buffer[] = [];
  let bytes = 0;
  for (const { key, value } of store.records.getRange(range)) {
    if (bytes >= BYTES_A_STEP || (appendedAtOf(value) >= before && bytes >= excess)) break;
    keys.push(key);
    bytes += value.length;
  }
  return { keys, bytes };
}
