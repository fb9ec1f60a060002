import type { KeyClaim } from '../../claims.ts';

/**
 * The keys that were claimed with one record, as they lie in the store, big-endian:
 *
 *   0  u8   layout, now 1
 *   1       the key of the record in the store (record-key.ts)
 *  11  u16  length of the namespace
 *  13  namespace (UTF-8), then the keys
 */
export interface ClaimEntry {
  readonly record: Buffer;
  readonly namespace: string;
  readonly keys: Buffer;
}

const layout = 1;
const recordKeyBytes = 10;
const fixedBytes = 13;

export const keyBytes = 16;

export function encodeClaimEntry(record: Buffer, { namespace, keys }: KeyClaim): Buffer {
  const length = Buffer.byteLength(namespace);
  const entry = Buffer.allocUnsafe(fixedBytes + length + keys.length);
  entry.writeUInt8(layout, 0);
  record.copy(entry, 1);
  entry.writeUInt16BE(length, 1 + recordKeyBytes);
  entry.write(namespace, fixedBytes);
  keys.copy(entry, fixedBytes + length);
  return entry;
}

export function decodeClaimEntry(entry: Buffer): ClaimEntry {
  const namespaceEnd = fixedBytes + entry.readUInt16BE(1 + recordKeyBytes);
  return {
    record: entry.subarray(1, 1 + recordKeyBytes),
    namespace: entry.toString('utf8', fixedBytes, namespaceEnd),
    keys: entry.subarray(namespaceEnd),
  };
}

/** Which of the keys it is; -1 where it is none of them. */
export function placeOfKey({ keys }: ClaimEntry, key: Buffer): number {
  for (let at = 0; at < keys.length; at += keyBytes) {
    if (key.compare(keys, at, at + keyBytes) === 0) return at / keyBytes;
  }
  return -1;
}

/** The key of an entry in the store: entries are counted from 1, and sort by their numbers. */
export function entryKey(entry: number): Buffer {
  const key = Buffer.allocUnsafe(6);
  key.writeUIntBE(entry, 0, 6);
  return key;
}
