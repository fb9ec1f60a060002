/**
 * Buffers that are used again. Memory outside of V8's heap makes it collect the whole heap the sooner; with a new
 * buffer for every batch of statements a third of all time went there.
 */
export interface BufferPool {
  /** A buffer of at least this many bytes; undefined where this pool has none to give. */
  take(bytes: number): Buffer | undefined;
  /** Nobody may look at it any more. */
  give(buffer: Buffer): void;
  /** Somebody may look at it still: it is left to them, and another may be made. */
  forget(): void;
}

export interface BufferPoolOptions {
  /** Of each buffer. */
  readonly bytes: number;
  /** Smaller wishes are not worth one. */
  readonly smallest: number;
  readonly buffers: number;
}

export function createBufferPool({ bytes, smallest, buffers }: BufferPoolOptions): BufferPool {
  const idle: Buffer[] = [];
  let made = 0;
  return {
    take(wanted) {
      if (wanted < smallest || wanted > bytes) return undefined;
      const buffer = idle.pop();
      if (buffer !== undefined || made === buffers) return buffer;
      made += 1;
      return Buffer.allocUnsafeSlow(bytes);
    },
    give(buffer) {
      idle.push(buffer);
    },
    forget() {
      made -= 1;
    },
  };
}
