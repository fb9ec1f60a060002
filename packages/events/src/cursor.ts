import { InvalidCursorError } from './errors.ts';

/** A place in a topic: for each partition that is known, the offset to read next; for the others, a time. */
export interface Position {
  readonly topic: string;
  /** Milliseconds since 1970, when the record that the cursor stands behind was appended. */
  readonly at: number;
  readonly next: ReadonlyMap<number, bigint>;
}

/** The cursor as clients hold it: opaque, safe in a URL. */
export function encodeCursor({ topic, at, next }: Position): string {
  const partitions = [...next].map(([partition, offset]) => `${partition}:${offset}`);
  return Buffer.from(`${topic}|${at}|${partitions.join(',')}`).toString('base64url');
}

/** @throws InvalidCursorError when the text is not a cursor of this topic */
export function decodeCursor(topic: string, cursor: string): Position {
  const text = Buffer.from(cursor, 'base64url').toString();
  const match = /^([\w.-]+)\|(\d{1,15})\|(\d{1,5}:\d{1,19}(?:,\d{1,5}:\d{1,19})*)$/.exec(text);
  if (match?.[1] !== topic) throw new InvalidCursorError(cursor);
  const pairs = (match[3] ?? '').split(',').map((pair) => pair.split(':'));
  const next = new Map(pairs.map(([partition, offset]) => [Number(partition), BigInt(offset ?? 0)]));
  return { topic, at: Number(match[2]), next };
}
