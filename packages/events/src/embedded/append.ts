import { RecordTooLargeError } from '../errors.ts';
import type { AppendRecord } from '../event-log.ts';
import { partitionOf } from '../partitioner.ts';
import { assertTopicName, type TopicSettingsByName } from '../topic-settings.ts';
import { encodeFrame, stampFrame } from './frame.ts';
import { recordKey } from './record-key.ts';
import type { LogStore } from './store.ts';
import { ensureTopic, selectPartition } from './topics.ts';

/** The same limit as the Kafka adapter's. */
export const MAX_RECORD_BYTES = 8 * 2 ** 20;

/** A record that nothing but the store itself can refuse any more. */
export interface Ready {
  readonly topic: string;
  readonly key: string;
  readonly frame: Buffer;
}

/** Appends all records in one transaction, or none. */
export async function appendRecords(
  store: LogStore,
  settings: TopicSettingsByName,
  records: readonly AppendRecord[],
): Promise<void> {
  const ready = records.map(prepare);
  const bytes = ready.reduce((sum, { frame }) => sum + frame.length, 0);
  await store.write(() => {
    const now = Date.now();
    for (const record of ready) putRecord(store, settings, record, now);
  }, bytes);
}

/** Everything that can be refused is refused here, before anything is written. */
export function prepare(record: AppendRecord): Ready {
  assertTopicName(record.topic);
  const frame = encodeFrame(record);
  if (frame.length > MAX_RECORD_BYTES)
    throw new RecordTooLargeError(record.topic, frame.length, MAX_RECORD_BYTES);
  return { topic: record.topic, key: record.key, frame };
}

/** In a transaction. Gives the record's key in the store. */
export function putRecord(
  store: LogStore,
  settings: TopicSettingsByName,
  record: Ready,
  now: number,
): Buffer {
  const topic = ensureTopic(store, record.topic, settings);
  const partition = partitionOf(record.key, topic.partitions);
  const { start, next, bytes, lastAt = now } = selectPartition(store, topic, partition);
  const at = Math.max(now, lastAt);
  stampFrame(record.frame, at);
  const key = recordKey(topic.id, partition, next);
  store.records.putSync(key, record.frame);
  store.partitions.putSync([topic.id, partition], {
    start,
    next: next + 1,
    bytes: bytes + record.frame.length,
    lastAt: at,
  });
  return key;
}
