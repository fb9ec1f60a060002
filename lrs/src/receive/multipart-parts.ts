/**
 * A multipart body in its parts, as it comes (RFC 2046, 5.1.1): memory holds one piece of it, and the header fields of
 * one part, however long either is.
 */

export interface Part {
  /** Names in lower case. A field that is there twice has the last value. */
  readonly headers: ReadonlyMap<string, string>;
  /** To be read to its end before the next part is asked for, or not at all: it is skipped then. */
  readonly bytes: AsyncIterable<Buffer>;
}

/** The body is not what its boundary says. */
export class MultipartError extends Error {
  override name = 'MultipartError';
}

/** Of one part, in bytes. */
const headerLimit = 8 * 1024;

const lineBreak = Buffer.from('\r\n');
const blankLine = Buffer.from('\r\n\r\n');
const dash = 45;

/** @throws MultipartError, and what `source` throws */
export async function* readParts(
  source: AsyncIterable<Buffer>,
  boundary: string,
): AsyncGenerator<Part, undefined> {
  const window = createWindow(source);
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  // The first delimiter may be the body's first line, with no line break before it.
  window.unread(lineBreak);
  await skip(untilDelimiter(window, delimiter));
  while (await isFurther(window)) {
    const headers = await readHeaders(window, delimiter);
    const bytes = untilDelimiter(window, delimiter);
    yield { headers, bytes };
    await skip(bytes);
  }
  return undefined;
}

/** The bytes that have come and not been read. */
interface Window {
  readonly bytes: Buffer;
  /** Forgets the first bytes. */
  advance(count: number): void;
  unread(bytes: Buffer): void;
  /** Waits for more. @throws MultipartError at the end */
  grow(): Promise<void>;
}

function createWindow(source: AsyncIterable<Buffer>): Window {
  const chunks = source[Symbol.asyncIterator]();
  let bytes: Buffer = Buffer.alloc(0);
  return {
    get bytes() {
      return bytes;
    },
    advance(count) {
      bytes = bytes.subarray(count);
    },
    unread(more) {
      bytes = Buffer.concat([more, bytes]);
    },
    async grow() {
      const next = await chunks.next();
      if (next.done === true) throw new MultipartError('the body ends before its last boundary');
      bytes = bytes.length === 0 ? next.value : Buffer.concat([bytes, next.value]);
    },
  };
}

async function* untilDelimiter(window: Window, delimiter: Buffer): AsyncGenerator<Buffer> {
  for (;;) {
    const at = window.bytes.indexOf(delimiter);
    // The last bytes may be the beginning of a delimiter.
    const safe = at < 0 ? window.bytes.length - delimiter.length + 1 : at;
    if (safe > 0) {
      const piece = window.bytes.subarray(0, safe);
      window.advance(safe);
      yield piece;
    }
    if (at >= 0) {
      window.advance(delimiter.length);
      return;
    }
    await window.grow();
  }
}

async function skip(pieces: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of pieces);
}

/** Behind a delimiter: two dashes end the body, a line break (spaces before it, as some mailers pad) begins a part. */
async function isFurther(window: Window): Promise<boolean> {
  while (window.bytes.length < 2) await window.grow();
  if (window.bytes[0] === dash && window.bytes[1] === dash) return false;
  const end = await findWithin(window, lineBreak, headerLimit);
  if (/[^ \t]/.test(window.bytes.toString('latin1', 0, end)))
    throw new MultipartError('a line begins with the boundary, and goes on');
  // The break stays: it is the first half of the blank line where a part has no headers.
  window.advance(end);
  return true;
}

async function readHeaders(window: Window, delimiter: Buffer): Promise<ReadonlyMap<string, string>> {
  const end = await findWithin(window, blankLine, headerLimit);
  const head = window.bytes.subarray(0, end);
  if (head.includes(delimiter)) throw new MultipartError('a part ends within its headers');
  window.advance(end + lineBreak.length);
  // Of a part without bytes, the second break may be the first of the next delimiter.
  while (window.bytes.length < delimiter.length) await window.grow();
  if (!window.bytes.subarray(0, delimiter.length).equals(delimiter)) window.advance(lineBreak.length);
  const lines = head
    .toString('utf8')
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  return new Map(lines.filter((line) => line !== '').map(headerOf));
}

function headerOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 1 || /[\r\n\0]/.test(line)) throw new MultipartError('a header of a part is none');
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}

async function findWithin(window: Window, wanted: Buffer, limit: number): Promise<number> {
  for (;;) {
    const at = window.bytes.indexOf(wanted);
    if (at >= 0 && at <= limit) return at;
    if (window.bytes.length > limit)
      throw new MultipartError(`the headers of a part are longer than ${String(limit)} bytes`);
    await window.grow();
  }
}
