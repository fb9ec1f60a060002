import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { ClickHouseException } from '../exception.ts';
import { headerOf } from './request.ts';

/** Content-Encoding (as HTTP names it) to the engine's name, for a body that the engine itself unpacks. */
const ENGINE_COMPRESSIONS: Readonly<Record<string, string>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
  lz4: 'lz4',
  xz: 'xz',
  bz2: 'bz2',
};

/** How the engine calls the body's compression: 'none', 'gzip' ... */
export function engineCompressionOf(message: IncomingMessage): string {
  const encoding = contentEncoding(message);
  if (encoding === undefined) return 'none';
  const compression = ENGINE_COMPRESSIONS[encoding];
  if (compression === undefined) throw unknownCompression(encoding);
  return compression;
}

/**
 * The body, unpacked. Throws when the client goes away half-way, or where the compression is broken.
 *
 * Reading may stop early: the request must not be destroyed with that, or its client would never see the answer.
 */
export function decodedBody(message: IncomingMessage): AsyncIterable<Buffer> {
  const encoding = contentEncoding(message);
  if (encoding === undefined) return plainBody(message);
  const decoder = createDecoder(encoding);
  // Whoever reads is told; nobody may be reading yet when the first bytes turn out to be broken.
  decoder.on('error', () => undefined);
  message.on('error', (error) => decoder.destroy(error));
  message.pipe(decoder);
  return decoder;
}

/** The body as it came; {@link decodedBody} otherwise. */
export function plainBody(message: IncomingMessage): AsyncIterable<Buffer> {
  return message.iterator({ destroyOnReturn: false });
}

/** Takes what is left of the body and drops it, whoever has stopped reading it. */
export function dropBody(message: IncomingMessage): void {
  // An iterator that was left where it stood still listens, and a stream that somebody listens to does not flow.
  message.unpipe().removeAllListeners('readable').resume();
}

function contentEncoding(message: IncomingMessage): string | undefined {
  const encoding = headerOf(message, 'content-encoding')?.toLowerCase();
  return encoding === 'identity' ? undefined : encoding;
}

function createDecoder(encoding: string): Transform {
  if (encoding === 'gzip' || encoding === 'x-gzip') return zlib.createGunzip();
  if (encoding === 'deflate') return zlib.createInflate();
  if (encoding === 'br') return zlib.createBrotliDecompress();
  if (encoding === 'zstd' && zstd.createZstdDecompress !== undefined) return zstd.createZstdDecompress();
  throw unknownCompression(encoding);
}

interface Zstd {
  createZstdDecompress?: () => Transform;
  createZstdCompress?: () => Transform;
}

// Node 22.15 brought zstd; Node 20 has none. A body that is only an insert's rows needs neither: the engine unpacks it.
const zstd: Zstd = zlib as typeof zlib & Zstd;

/** A compressor for `encoding`, with its name, by the client's preference; undefined: send as is. */
export function chooseEncoder(accepted: string): { name: string; create(): Transform } | undefined {
  const names = accepted.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase());
  // The server's own order: br first, then the rest (CompressionMethod.cpp, chooseHTTPCompressionMethod).
  if (names.includes('br')) return { name: 'br', create: () => zlib.createBrotliCompress(BROTLI) };
  const { createZstdCompress } = zstd;
  if (names.includes('zstd') && createZstdCompress !== undefined) {
    return { name: 'zstd', create: createZstdCompress };
  }
  if (names.includes('gzip')) return { name: 'gzip', create: () => zlib.createGzip({ level: 3 }) };
  if (names.includes('deflate')) return { name: 'deflate', create: () => zlib.createDeflate({ level: 3 }) };
  return undefined;
}

/** The server's default level, http_zlib_compression_level = 3, in Brotli's scale. */
const BROTLI = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 3 } };

function unknownCompression(encoding: string): ClickHouseException {
  return new ClickHouseException(48, 'NOT_IMPLEMENTED', `Unknown compression method: ${encoding}`);
}
