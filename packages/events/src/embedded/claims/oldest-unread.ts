import { appendedAtOf } from '../frame.ts';
import { recordKey } from '../record-key.ts';
import type { LogStore } from '../store.ts';
import { partitionsOf, selectOptionalTopic, selectPartition } from '../topics.ts';

/** When the oldest record was appended that a group has not committed; the end of time where it has all. */
export function oldestUnread(store: LogStore, group: string, name: string): Date {
  const topic = selectOptionalTopic(store, name);
  if (topic === undefined) return endOfTime;
  const times = partitionsOf(topic).map((partition) => {
    const { start } = selectPartition(store, topic, partition);
    const next = Math.max(store.offsets.get([group, name, partition]) ?? 0, start);
    const frame = store.records.get(recordKey(topic.id, partition, next));
    return frame === undefined ? Infinity : appendedAtOf(frame);
  });
  const oldest = Math.min(...times);
  return oldest === Infinity ? endOfTime : new Date(oldest);
}

const endOfTime = new Date(8.64e15);
