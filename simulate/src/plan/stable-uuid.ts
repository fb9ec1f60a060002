import { createHash } from 'node:crypto';

/**
 * A UUID that its name decides (RFC 9562, 5.5: version 5, SHA-1): a statement that is sent again after a lost answer
 * carries the id of its first try.
 */
export function stableUuid(name: string): string {
  const bytes = createHash('sha1').update(`lyceum/simulate/${name}`).digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
