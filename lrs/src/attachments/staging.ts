import { createHash, randomUUID, type Hash } from 'node:crypto';
import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { StagedAttachment } from './attachment-store.ts';

/** Files of this machine that hold attachments while they come in: nothing is in the store before all of it was checked. */
export interface Staging {
  /**
   * Writes bytes to a file as they come, and to the disk. Memory holds one piece of them at a time.
   *
   * @throws WrongBytesError where they are not those of the hash; UnavailableError; and what `bytes` throws
   */
  stage(expected: ExpectedBytes, bytes: AsyncIterable<Uint8Array>): Promise<StagedAttachment>;
  /** Does nothing where the store has taken it. */
  drop(staged: StagedAttachment): Promise<void>;
  /** Deletes what a crash has left: files that nobody has written to since a time. */
  sweep(before: Date): Promise<void>;
}

export interface ExpectedBytes {
  /** SHA-224, 256, 384 or 512, which its length says; in lower case hexadecimal. */
  readonly sha2: string;
  readonly bytes: number;
}

/** The bytes are not those that were announced. */
export class WrongBytesError extends Error {
  override name = 'WrongBytesError';
}

const algorithms: Record<number, string> = { 56: 'sha224', 64: 'sha256', 96: 'sha384', 128: 'sha512' };

export async function createStaging(directory: string): Promise<Staging> {
  await mkdir(directory, { recursive: true });

  return {
    async stage({ sha2, bytes }, source) {
      const file = join(directory, randomUUID());
      const staged = { sha2, bytes, file };
      const handle = await onDisk(() => open(file, 'wx'));
      try {
        const hash = createHash(algorithms[sha2.length] ?? 'sha256');
        await write(handle, source, { hash, limit: bytes });
        if (hash.digest('hex') !== sha2) throw new WrongBytesError('has another hash than its header says');
        await onDisk(() => handle.sync());
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      } finally {
        await handle.close();
      }
      return staged;
    },
    drop: ({ file }) => rm(file, { force: true }),
    async sweep(before) {
      for (const name of await readdir(directory)) {
        const file = join(directory, name);
        const written = await stat(file).catch(() => null);
        if (written && written.mtime < before) await rm(file, { force: true });
      }
    },
  };
}

async function write(
  handle: FileHandle,
  source: AsyncIterable<Uint8Array>,
  { hash, limit }: { hash: Hash; limit: number },
): Promise<void> {
  let written = 0;
  for await (const piece of source) {
    written += piece.length;
    if (written > limit) throw new WrongBytesError(`is longer than the ${String(limit)} bytes of its length`);
    hash.update(piece);
    await onDisk(() => handle.writeFile(piece));
  }
  if (written < limit)
    throw new WrongBytesError(`has ${String(written)} bytes, not the ${String(limit)} of its length`);
}

/** A disk that is full or broken is no fault of the client's. */
async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new UnavailableError('The store of attachments', error);
  }
}
