import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { JobFailedError } from './job-worker.ts';

/** A line of a file, without its line break; empty ones are left out. */
export interface ImportLine {
  /** The first is 1. */
  readonly number: number;
  /** Null where there are more bytes than a line may have: they are not held. */
  readonly bytes: Buffer | null;
}

/** A statement is at most one request; a line of an attachment is a megabyte. */
const lineLimit = 3 * 2 ** 20;

const newline = 10;

/**
 * The lines of a file that comes as bytes, compressed with gzip or not. Memory holds one line, whatever is sent.
 *
 * @throws JobFailedError where it is not whole gzip
 */
export async function* readImportLines(bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<ImportLine> {
  let number = 0;
  let waiting: Buffer[] = [];
  let size = 0;
  const take = (): ImportLine | undefined => {
    number += 1;
    const line = size > lineLimit ? null : withoutReturn(Buffer.concat(waiting));
    waiting = [];
    size = 0;
    return line?.length === 0 ? undefined : { number, bytes: line };
  };
  const add = (piece: Buffer) => {
    size += piece.length;
    if (size <= lineLimit) waiting.push(piece);
    else waiting = [];
  };
  for await (const chunk of unzipped(bytes)) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      add(chunk.subarray(start, end));
      const line = take();
      if (line) yield line;
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.subarray(start));
  }
  const line = size > 0 ? take() : undefined;
  if (line) yield line;
}

const withoutReturn = (line: Buffer) => (line.at(-1) === 13 ? line.subarray(0, -1) : line);

async function* unzipped(bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<Buffer> {
  const first = await bytes.next();
  if (first.done) return;
  const all = Readable.from(chained(first.value, bytes));
  const isZipped = first.value[0] === 0x1f && first.value[1] === 0x8b;
  if (!isZipped) {
    yield* all as AsyncIterable<Buffer>;
    return;
  }
  const unzip = createGunzip();
  all.on('error', (error) => unzip.destroy(error));
  try {
    yield* all.pipe(unzip) as AsyncIterable<Buffer>;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code.startsWith('Z_')) throw new JobFailedError(`The file is not whole gzip: ${message}.`);
    throw error;
  } finally {
    all.destroy();
  }
}

async function* chained(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Buffer> {
  yield Buffer.from(first.buffer, first.byteOffset, first.length);
  for await (const piece of rest) yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
}
