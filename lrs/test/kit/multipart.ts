import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Dicer } from '@fastify/busboy';

/** A part of a body: header fields by name, and bytes. */
export interface TestPart {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export const boundary = "abcABC0123'()+_,-./:=?";

export const multipartType = `multipart/mixed; boundary="${boundary}"`;

export function multipart(parts: readonly TestPart[], by = boundary): Buffer {
  const pieces = parts.flatMap(({ headers, body }) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return [
      Buffer.from(`--${by}\r\n${lines.join('')}\r\n`),
      Buffer.from(body as string),
      Buffer.from('\r\n'),
    ];
  });
  return Buffer.concat([...pieces, Buffer.from(`--${by}--\r\n`)]);
}

export function jsonPart(value: unknown): TestPart {
  return {
    headers: { 'Content-Type': 'application/json' },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  };
}

export function sha2Of(bytes: Uint8Array | string, algorithm = 'sha256'): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

/** An attachment object of these bytes. */
export function attachmentOf(
  bytes: Uint8Array | string,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    usageType: 'http://example.com/attachment-usage/test',
    display: { en: 'A test' },
    contentType: 'text/plain',
    length: Buffer.byteLength(bytes),
    sha2: sha2Of(bytes),
    ...changes,
  };
}

/** The part with these bytes; a header that is empty is left out. */
export function attachmentPart(
  bytes: Uint8Array | string,
  changes: Readonly<Record<string, string>> = {},
): TestPart {
  const headers = {
    'Content-Type': 'text/plain',
    'Content-Transfer-Encoding': 'binary',
    'X-Experience-API-Hash': sha2Of(bytes),
    ...changes,
  };
  return {
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
    body: bytes,
  };
}

export interface ReadPart {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** Reads an answer by another reader than the store's own. */
export async function readMultipartAnswer(type: string, body: Uint8Array): Promise<ReadPart[]> {
  const by = /boundary=([\w-]+)/.exec(type)?.[1] ?? '';
  const parts: { headers: Record<string, string>; pieces: Buffer[] }[] = [];
  const dicer = new Dicer({ boundary: by });
  dicer.on('part', (part) => {
    const read = { headers: {} as Record<string, string>, pieces: [] as Buffer[] };
    parts.push(read);
    part.on('header', (header: object) => {
      read.headers = Object.fromEntries(Object.entries(header).map(([name, value]) => [name, String(value)]));
    });
    part.on('data', (piece: Buffer) => read.pieces.push(piece));
  });
  await new Promise((resolve, reject) => {
    dicer.on('finish', resolve).on('error', reject);
    Readable.from([Buffer.from(body)]).pipe(dicer);
  });
  return parts.map(({ headers, pieces }) => ({ headers, bytes: Buffer.concat(pieces) }));
}
