/** Thrown when a value goes on behind the bytes at hand. */
export class IncompleteError extends Error {}

/** A place in a buffer of ClickHouse's native format, moving forward. */
export interface Cursor {
  readonly position: number;
  /** @throws IncompleteError, as all that move on, where the bytes end first */
  skip(bytes: number): void;
  readVarUint(): number;
  readUInt64(): number;
  readString(): string;
}

/** A cursor over `buffer` from `position`. */
export function createCursor(buffer: Buffer, position = 0): Cursor {
  function skip(bytes: number): number {
    const from = position;
    if (from + bytes > buffer.length) throw new IncompleteError();
    position = from + bytes;
    return from;
  }
  function readVarUint(): number {
    let value = 0;
    // Multiplied, not shifted: lengths above 2^31 stay positive.
    for (let factor = 1; ; factor *= 128) {
      const byte = buffer[skip(1)] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }
  return {
    get position() {
      return position;
    },
    skip,
    readVarUint,
    readUInt64: () => Number(buffer.readBigUInt64LE(skip(8))),
    readString: () => {
      const bytes = readVarUint();
      const from = skip(bytes);
      return buffer.toString('utf8', from, from + bytes);
    },
  };
}
