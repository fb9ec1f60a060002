/** Bytes that grow line by line. */
export interface LineBuffer {
  /** A part of a line. */
  add(part: string): void;
  endLine(): void;
  /** What was added, as UTF-8. */
  bytes(): Buffer;
}

/** No UTF-16 unit takes more bytes than this in UTF-8. */
const widest = 3;

const lineBreak = 10;

/**
 * Lines in `room` as far as it goes, in larger buffers after that. Each part is written when it is made: joined first, the
 * text of a whole batch takes V8 twice as long to flatten and to encode.
 */
export function createLineBuffer(room: Buffer): LineBuffer {
  let buffer = room;
  let length = 0;
  return {
    add(part) {
      // The line break has room as well.
      const needed = length + part.length * widest + 1;
      if (needed > buffer.length) buffer = enlarged(buffer, length, needed);
      length += buffer.write(part, length);
    },
    endLine() {
      buffer[length] = lineBreak;
      length += 1;
    },
    bytes: () => buffer.subarray(0, length),
  };
}

function enlarged(buffer: Buffer, length: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(needed, buffer.length * 2));
  buffer.copy(larger, 0, 0, length);
  return larger;
}
