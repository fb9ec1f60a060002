import type { AppendRecord } from '../event-log.ts';

/**
 * A record as it lies in the store, one buffer, big-endian:
 *
 *   0  u8   layout, now 1
 *   1  f64  appendedAt, milliseconds since 1970, written when the transaction runs
 *   9  u16  length of the key
 *  11  u32  length of the headers
 *  15  key (UTF-8), headers (JSON), value (as given)
 */
const LAYOUT = 1;
const FIXED_BYTES = 15;
const MAX_KEY_BYTES = 0xffff;

export interface Frame {
  readonly appendedAt: number;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
}

/** Copies the value, so that the caller may reuse its buffer. */
export function encodeFrame({ key, headers, value }: AppendRecord): Buffer {
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes > MAX_KEY_BYTES)
    throw new RangeError(`A key of ${keyBytes} bytes: the limit is ${MAX_KEY_BYTES}`);
  const headerText = headers === undefined ? '' : JSON.stringify(headers);
  const headerBytes = Buffer.byteLength(headerText);
  const valueBytes = typeof value === 'string' ? Buffer.byteLength(value) : value.byteLength;
  const frame = Buffer.allocUnsafe(FIXED_BYTES + keyBytes + headerBytes + valueBytes);
  frame.writeUInt8(LAYOUT, 0);
  frame.writeUInt16BE(keyBytes, 9);
  frame.writeUInt32BE(headerBytes, 11);
  frame.write(key, FIXED_BYTES);
  frame.write(headerText, FIXED_BYTES + keyBytes);
  const at = FIXED_BYTES + keyBytes + headerBytes;
  if (typeof value === 'string') frame.write(value, at);
  else frame.set(value, at);
  return frame;
}

export function stampFrame(frame: Buffer, appendedAt: number): void {
  frame.writeDoubleBE(appendedAt, 1);
}

export function appendedAtOf(frame: Buffer): number {
  return frame.readDoubleBE(1);
}

export function decodeFrame(frame: Buffer): Frame {
  const keyEnd = FIXED_BYTES + frame.readUInt16BE(9);
  const headersEnd = keyEnd + frame.readUInt32BE(11);
  return {
    appendedAt: appendedAtOf(frame),
    key: frame.toString('utf8', FIXED_BYTES, keyEnd),
    headers: headersEnd === keyEnd ? {} : parseHeaders(frame.toString('utf8', keyEnd, headersEnd)),
    value: frame.subarray(headersEnd),
  };
}

function parseHeaders(text: string): Record<string, string> {
  return JSON.parse(text) as Record<string, string>;
}
