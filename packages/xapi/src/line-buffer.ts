/** Bytes that grow line by line. */
export interface LineBuffer {
  add(line: string): void;
  /** What was added, as UTF-8. */
  bytes(): Buffer;
}

/** No UTF-16 unit takes more bytes than this in UTF-8. */
const widest = 3;

/**
 * Lines in `room` as far as it goes, in larger buffers after that. Each line is written when it is made: joined first, the text of a whole batch
 * takes V8 twice as long to flatten and to encode.
 */
export function createLineBuffer(room: Buffer): LineBuffer {
  let buffer = room;
  let length = 0;
  return {
    add(line) {
      const needed = length + line.length * widest;
      if (needed > buffer.length) buffer = enlarged(buffer, length, needed);
      length += buffer.write(line, length);
    },
    bytes: () => buffer.subarray(0, length),
  };
}

function enlarged(buffer: Buffer, length: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(needed, buffer.length * 2));
  buffer.copy(larger, 0, 0, length);
  return larger;
}
