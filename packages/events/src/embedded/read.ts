import { encodeCursor } from '../cursor.ts';
import type { LogRecord } from '../event-log.ts';
import { appendedAtOf, decodeFrame } from './frame.ts';
import { offsetOf, recordKey } from './record-key.ts';
import type { LogStore } from './store.ts';
import { selectPartition, type Topic } from './topics.ts';

export interface ReadLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** The records from an offset on, at least one if there is any, within the limits. */
export function readRecords(
  store: LogStore,
  topic: Topic,
  partition: number,
  from: number,
  { maxRecords, maxBytes }: ReadLimits,
): LogRecord[] {
  const records: LogRecord[] = [];
  const { start, next } = selectPartition(store, topic, partition);
  if (from >= next) return records;
  let bytes = 0;
  const range = {
    start: recordKey(topic.id, partition, Math.max(from, start)),
    end: recordKey(topic.id, partition, next),
    limit: maxRecords,
  };
  for (const { key, value } of store.records.getRange(range)) {
    bytes += value.length;
    if (bytes > maxBytes && records.length > 0) break;
    records.push(toLogRecord(topic.name, partition, offsetOf(key), value));
  }
  return records;
}

/** The record by its key in the store (record-key.ts); undefined where retention has removed it. */
export function readRecord(store: LogStore, key: Buffer): LogRecord | undefined {
  const frame = store.records.get(key);
  if (frame === undefined) return undefined;
  const name = topicNameOf(store, key.readUInt16BE(0));
  return name === undefined ? undefined : toLogRecord(name, key.readUInt16BE(2), offsetOf(key), frame);
}

function topicNameOf(store: LogStore, id: number): string | undefined {
  for (const { key, value } of store.topics.getRange()) if (value.id === id) return key;
  return undefined;
}

function toLogRecord(topic: string, partition: number, offset: number, frame: Buffer): LogRecord {
  const { appendedAt, key, headers, value } = decodeFrame(frame);
  const next = new Map([[partition, BigInt(offset + 1)]]);
  return {
    topic,
    partition,
    offset: String(offset),
    key,
    value,
    headers,
    appendedAt: new Date(appendedAt),
    cursor: encodeCursor({ topic, at: appendedAt, next }),
  };
}

/** The first offset whose record was appended at this time or later; the end if there is none. */
export function offsetAtTime(store: LogStore, topic: Topic, partition: number, at: number): number {
  const { start, next } = selectPartition(store, topic, partition);
  let low = start;
  let high = next;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const frame = store.records.get(recordKey(topic.id, partition, middle));
    if (frame !== undefined && appendedAtOf(frame) >= at) high = middle;
    else low = middle + 1;
  }
  return low;
}
