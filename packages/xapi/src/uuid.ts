import { randomUUID } from 'node:crypto';

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID in its standard form, of any version, in either case (Data 4.4, RFC 9562). */
export function isUuid(text: string): boolean {
  return text.length === 36 && form.test(text);
}

/**
 * A UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then 74 random bits. Node keeps a pool of random
 * bytes behind randomUUID(), which makes taking them from there the fastest way.
 */
export function uuidV7(now: number = Date.now()): string {
  const time = now.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
