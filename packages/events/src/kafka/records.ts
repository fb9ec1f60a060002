import type { IHeaders, KafkaMessage } from 'kafkajs';
import { encodeCursor } from '../cursor.ts';
import type { LogRecord } from '../event-log.ts';

/** A message as the log's readers know it. `next` is for the cursor: the position behind it, as far as known. */
export function toLogRecord(
  topic: string,
  partition: number,
  message: KafkaMessage,
  next: ReadonlyMap<number, bigint> = new Map([[partition, BigInt(message.offset) + 1n]]),
): LogRecord {
  const at = Number(message.timestamp);
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key?.toString() ?? '',
    value: message.value ?? Buffer.alloc(0),
    headers: toHeaders(message.headers),
    appendedAt: new Date(at),
    cursor: encodeCursor({ topic, at, next }),
  };
}

function toHeaders(headers: IHeaders = {}): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, String([value].flat()[0] ?? '')]);
  return Object.fromEntries(entries) as Record<string, string>;
}
