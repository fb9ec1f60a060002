import { decodeCursor, encodeCursor } from '../cursor.ts';
import { InvalidCursorError } from '../errors.ts';
import type { LogRecord } from '../event-log.ts';

/** Where a value of a topic stands: which of the values that its record tells. */
export interface EventPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** The record's. */
  readonly cursor: string;
  readonly index: number;
}

/** A place to go on behind: the record is the first of its partition that the cursor leads to. */
export interface ResumePoint {
  readonly cursor: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly index: number;
}

export function placeIn({ topic, partition, offset, cursor }: LogRecord, index: number): EventPlace {
  return { topic, partition, offset, cursor, index };
}

/** A place as subscribers hold it: opaque, safe in a URL. */
export function encodeEventCursor({ topic, partition, offset, cursor, index }: EventPlace): string {
  const { at, next } = decodeCursor(topic, cursor);
  const before = encodeCursor({ topic, at, next: new Map(next).set(partition, BigInt(offset)) });
  return `${before}.${String(partition)}.${String(index)}`;
}

/** @throws InvalidCursorError where the text is none of this topic's */
export function decodeEventCursor(topic: string, text: string): ResumePoint {
  const [, cursor = '', partition = '', index = ''] =
    /^([\w-]{1,100000})\.(\d{1,5})\.(\d{1,9})$/.exec(text) ?? [];
  const offset = decodeCursor(topic, cursor).next.get(Number(partition));
  if (offset === undefined) throw new InvalidCursorError(text);
  return { cursor, partition: Number(partition), offset, index: Number(index) };
}
