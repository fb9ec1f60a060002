import type { IncomingMessage } from 'node:http';
import { createBodyPieces } from './body-pieces.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { InFlight } from './in-flight.ts';
import { refusals } from './xapi-error.ts';

/** A body, and how to give back the memory that it was granted. */
export interface Body {
  readonly bytes: Buffer;
  release(): void;
}

export interface BodyLimits {
  /** Bytes of one body. */
  readonly limit: number;
  readonly inFlight: InFlight;
  readonly pool: BufferPool;
}

/**
 * Reads a whole body, within the limit of one request and of all together. What is refused is read on and dropped
 * by Node, so that the client sees the answer.
 *
 * @throws XapiError 413, 503, 415, or 400 where the client goes away
 */
export async function readBody(
  request: IncomingMessage,
  { limit, inFlight, pool }: BodyLimits,
): Promise<Body> {
  const { 'content-length': length, 'content-encoding': encoding = 'identity' } = request.headers;
  if (encoding !== 'identity') throw refusals.contentEncoding(encoding);
  if (length !== undefined && Number(length) > limit) throw refusals.tooLarge(limit);
  let reserved = 0;
  const grant = (bytes: number) => {
    if (bytes <= reserved) return;
    if (bytes > limit) throw refusals.tooLarge(limit);
    inFlight.reserve(bytes - reserved);
    reserved = bytes;
  };
  const release = () => {
    inFlight.release(reserved);
    reserved = 0;
  };
  try {
    return bodyOf(await collect(request, grant), pool, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Memory is granted as bytes come: a client that announces much and sends nothing takes nothing. */
function collect(request: IncomingMessage, grant: (bytes: number) => void): Promise<readonly Buffer[]> {
  return new Promise((resolve, reject) => {
    let pieces = createBodyPieces();
    let size = 0;
    let ended = false;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      try {
        grant(size);
        pieces.add(chunk);
      } catch (error) {
        pieces = createBodyPieces();
        request.removeAllListeners('data').resume();
        reject(error instanceof Error ? error : refusals.cutOff());
      }
    });
    request.once('end', () => {
      ended = true;
      resolve(pieces.all());
    });
    // Both come after a whole body too, and an error is dear to make.
    const cutOff = () => {
      if (!ended) reject(refusals.cutOff());
    };
    request.once('close', cutOff);
    request.once('error', cutOff);
  });
}

/** Chunks in one buffer, of the pool if it has one. */
function bodyOf(chunks: readonly Buffer[], pool: BufferPool, release: () => void): Body {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return { bytes: only, release };
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const pooled = pool.take(size);
  if (pooled === undefined) return { bytes: Buffer.concat(chunks, size), release };
  let length = 0;
  for (const chunk of chunks) length += chunk.copy(pooled, length);
  return {
    bytes: pooled.subarray(0, length),
    release: () => {
      pool.give(pooled);
      release();
    },
  };
}
