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
   * @param sha2 SHA-224, 256, 384 or 512, which its length says; in lower case hexadecimal
   * @throws WrongHashError; TooManyBytesError; UnavailableError; and what `bytes` throws
   */
  stage(sha2: string, bytes: AsyncIterable<Uint8Array>): Promise<StagedAttachment>;
  /** Does nothing where the store has taken it. */
  drop(staged: StagedAttachment): Promise<void>;
  /** Deletes what a crash has left: files that nobody has written to since a time. */
  sweep(before: Date): Promise<void>;
}

/** The bytes are not those that were announced. */
export class WrongHashError extends Error {
  override name = 'WrongHashError';
}

/** There are more of them than an attachment may have. */
export class TooManyBytesError extends Error {
  override name = 'TooManyBytesError';
}

const algorithms: Record<number, string> = { 56: 'sha224', 64: 'sha256', 96: 'sha384', 128: 'sha512' };

/** @param limit bytes of one attachment */
export async function createStaging(directory: string, limit: number): Promise<Staging> {
  await mkdir(directory, { recursive: true });

  return {
    async stage(sha2, source) {
      const file = join(directory, randomUUID());
      const handle = await onDisk(() => open(file, 'wx'));
      try {
        const hash = createHash(algorithms[sha2.length] ?? 'sha256');
        const bytes = await write(handle, source, { hash, limit });
        if (hash.digest('hex') !== sha2) throw new WrongHashError('has another hash than its header says');
        await onDisk(() => handle.sync());
        return { sha2, bytes, file };
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      } finally {
        await handle.close();
      }
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

/** @returns how many there were */
async function write(
  handle: FileHandle,
  source: AsyncIterable<Uint8Array>,
  { hash, limit }: { hash: Hash; limit: number },
): Promise<number> {
  let written = 0;
  for await (const piece of source) {
    written += piece.length;
    if (written > limit) throw new TooManyBytesError();
    hash.update(piece);
    await onDisk(() => handle.writeFile(piece));
  }
  return written;
}

/** A disk that is full or broken is no fault of the client's. */
async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new UnavailableError('The store of attachments', error);
  }
}
