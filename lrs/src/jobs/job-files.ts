import { createHash, randomUUID, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AttachmentStore, StagedAttachment } from '../attachments/attachment-store.ts';
import { createFileStore } from '../attachments/file-store.ts';
import { parseS3Url } from '../attachments/s3-address.ts';
import { createS3Store } from '../attachments/s3-store.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { JobFile } from '../store/store-job-files.ts';

/** The files of jobs on a store, in parts that lie where attachments do: in files, or in S3. */
export interface JobFiles {
  /** Bytes to a file of this machine as they come, on its disk once it resolves. @throws TooManyBytesError */
  stage(
    bytes: AsyncIterable<Uint8Array>,
    o?: { readonly limit?: number; readonly hash?: Hash },
  ): Promise<StagedAttachment>;
  drop(staged: StagedAttachment): Promise<void>;
  /** Durable once it resolves. */
  insert(jobId: string, staged: StagedAttachment): Promise<void>;
  delete(jobId: string, sha2: string): Promise<void>;
  /** The bytes of the parts behind one another, from one on, so many of them. */
  read(jobId: string, parts: readonly JobFile[], from?: number, length?: number): AsyncGenerator<Uint8Array>;
  /** Deletes what a crash has left on its way: files that nobody has written to since a time. */
  sweep(before: Date): Promise<void>;
  close(): void;
}

/** @param directory LYCEUM_DATA_DIR */
export async function openJobFiles(directory: string, s3Url: string | undefined): Promise<JobFiles> {
  const root = join(directory, 'store-files');
  const incoming = join(root, 'incoming');
  await mkdir(incoming, { recursive: true });
  const store = await openParts(root, s3Url);
  const partOf = (jobId: string, sha2: string) => ({ organisationId: jobId, sha2 });

  return {
    stage: (bytes, { limit = Infinity, hash = createHash('sha256') } = {}) =>
      stage(incoming, bytes, { limit, hash }),
    drop: ({ file }) => rm(file, { force: true }),
    insert: (jobId, staged) => store.insert(jobId, staged),
    delete: (jobId, sha2) => store.delete(partOf(jobId, sha2)),
    async *read(jobId, parts, from = 0, length = Infinity) {
      let [skip, left] = [from, length];
      for (const { sha2, bytes } of parts) {
        if (left <= 0) return;
        if (skip < bytes) {
          const content = await store.selectOptional(partOf(jobId, sha2));
          // Cut short, it would look whole.
          if (content === null) throw new Error(`a part of ${jobId} was deleted while it was read`);
          yield* slice(content, skip, Math.min(left, bytes - skip));
          left -= Math.min(left, bytes - skip);
        }
        skip = Math.max(0, skip - bytes);
      }
    },
    async sweep(before) {
      for (const name of await readdir(incoming)) {
        const file = join(incoming, name);
        const written = await stat(file).catch(() => null);
        if (written && written.mtime < before) await rm(file, { force: true });
      }
    },
    close: () => {
      store.close();
    },
  };
}

function openParts(root: string, s3Url: string | undefined): Promise<AttachmentStore> {
  if (s3Url === undefined) return createFileStore(join(root, 'kept'));
  const address = parseS3Url(s3Url);
  return createS3Store({ ...address, prefix: `${address.prefix}store-files/` });
}

/** There are more of them than may be. */
export class TooManyBytesError extends Error {
  override name = 'TooManyBytesError';
}

async function stage(
  directory: string,
  source: AsyncIterable<Uint8Array>,
  { limit, hash }: { limit: number; hash: Hash },
): Promise<StagedAttachment> {
  const file = join(directory, randomUUID());
  let bytes = 0;
  const counting = new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length;
      hash.update(piece);
      done(bytes > limit ? new TooManyBytesError() : null, piece);
    },
  });
  try {
    await pipeline(source, counting, createWriteStream(file, { flags: 'wx' }));
    const handle = await open(file);
    await handle.sync().finally(() => handle.close());
    return { sha2: hash.digest('hex'), bytes, file };
  } catch (error) {
    await rm(file, { force: true });
    throw isOfDisk(error) ? new UnavailableError('The store of files', error) : error;
  }
}

/** A disk that is full or broken passes. */
const isOfDisk = (error: unknown) =>
  ['ENOSPC', 'EIO', 'EROFS', 'EDQUOT', 'EMFILE'].includes(String((error as NodeJS.ErrnoException).code));

async function* slice(content: Readable, skip: number, length: number): AsyncGenerator<Uint8Array> {
  let [toSkip, left] = [skip, length];
  for await (const piece of content as AsyncIterable<Buffer>) {
    const start = Math.min(toSkip, piece.length);
    toSkip -= start;
    const wanted = piece.subarray(start, start + left);
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
    if (left === 0) return;
  }
  if (left > 0) throw new Error('a part of a file is shorter than it was');
}
