import type { IncomingMessage } from 'node:http';
import type { Attachment, Fault } from '@lyceum/xapi';
import type { StagedAttachment } from '../attachments/attachment-store.ts';
import { TooManyBytesError, WrongHashError, type Staging } from '../attachments/staging.ts';
import { unfound, type PlacedAttachment } from './attachments-of.ts';
import { createBodyPieces } from './body-pieces.ts';
import type { InFlight } from './in-flight.ts';
import { essenceOf } from './media-type.ts';
import { MultipartError, readParts, type Part } from './multipart-parts.ts';
import { refusals, XapiError } from './xapi-error.ts';

/** A request of statements with the bytes of their attachments (Communication 1.5.2), none of them stored yet. */
export interface MultipartBody {
  /** The first part. */
  readonly statements: Buffer;
  /** Each once, whole, its hash verified. */
  readonly staged: readonly StagedAttachment[];
  /** Gives back the memory, and deletes what the store has not taken. */
  release(): Promise<void>;
}

export interface MultipartLimits {
  /** Bytes of the first part. */
  readonly statements: number;
  /** Bytes of one attachment. */
  readonly attachment: number;
  /** Bytes of the whole body. */
  readonly body: number;
}

export interface MultipartReaderOptions {
  readonly limits: MultipartLimits;
  readonly inFlight: InFlight;
  readonly staging: Staging;
}

/** What a request holds beside its statements: a piece of the body as it came, and joined with what was before it. */
const piecesBytes = 128 * 1024;

/**
 * Reads a body in parts: statements first, and nothing of what follows is looked at before they are found valid. Then
 * each attachment goes to a file while it comes in.
 *
 * @param inspect holds the statements against their rules; answers their attachments, or throws
 * @throws XapiError 400 which names the part, 413, 415, 503; UnavailableError where there is no room for the files
 */
export async function readMultipart(
  request: IncomingMessage,
  boundary: string,
  inspect: (statements: Buffer) => readonly PlacedAttachment[],
  { limits, inFlight, staging }: MultipartReaderOptions,
): Promise<MultipartBody> {
  const { 'content-length': length, 'content-encoding': encoding = 'identity' } = request.headers;
  if (encoding !== 'identity') throw refusals.contentEncoding(encoding);
  if (Number(length ?? 0) > limits.body) throw refusals.multipartTooLarge(limits.body);
  const memory = createGrant(inFlight);
  const staged = new Map<string, StagedAttachment>();
  const release = async () => {
    memory.release();
    for (const each of staged.values()) await staging.drop(each);
  };
  const body = bodyOf(request, limits.body);
  try {
    memory.add(piecesBytes);
    const parts = readParts(body, boundary);
    const statements = await readFirst(parts, limits.statements, memory);
    const placed = inspect(statements);
    requireFitting(placed, limits.attachment);
    await stageRest(parts, placed, staged, { staging, limit: limits.attachment });
    requireAll(placed, staged);
    return { statements, staged: [...staged.values()], release };
  } catch (error) {
    await release();
    throw error instanceof MultipartError ? refusals.multipart([faultOf('', error.message)]) : error;
  } finally {
    // Node drops what is left, so that the client sees the answer; it does once nobody iterates any more.
    await body.return(undefined);
    request.resume();
  }
}

interface Grant {
  /** @throws XapiError 503 */
  add(bytes: number): void;
  release(): void;
}

function createGrant(inFlight: InFlight): Grant {
  let granted = 0;
  return {
    add(bytes) {
      inFlight.reserve(bytes);
      granted += bytes;
    },
    release() {
      inFlight.release(granted);
      granted = 0;
    },
  };
}

async function* bodyOf(request: IncomingMessage, limit: number): AsyncGenerator<Buffer> {
  let size = 0;
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > limit) throw refusals.multipartTooLarge(limit);
      yield piece;
    }
  } catch (error) {
    throw error instanceof XapiError ? error : refusals.cutOff();
  }
}

async function readFirst(
  parts: AsyncGenerator<Part, undefined>,
  limit: number,
  memory: Grant,
): Promise<Buffer> {
  const { value: part } = await parts.next();
  if (part === undefined) throw refusals.multipart([faultOf('', 'has no parts')]);
  const type = part.headers.get('content-type') ?? '';
  if (essenceOf(type) !== 'application/json')
    throw refusals.multipart([faultOf('parts[0].Content-Type', 'must be application/json')]);
  const pieces = createBodyPieces();
  let size = 0;
  for await (const piece of part.bytes) {
    size += piece.length;
    if (size > limit) throw refusals.tooLarge(limit);
    memory.add(piece.length);
    pieces.add(piece);
  }
  return Buffer.concat(pieces.all());
}

function requireFitting(placed: readonly PlacedAttachment[], limit: number): void {
  for (const { path, attachment } of placed)
    if (attachment.length > limit && attachment.fileUrl === undefined)
      throw refusals.attachmentTooLarge(path, limit);
}

async function stageRest(
  parts: AsyncGenerator<Part, undefined>,
  placed: readonly PlacedAttachment[],
  staged: Map<string, StagedAttachment>,
  { staging, limit }: { staging: Staging; limit: number },
): Promise<void> {
  const byHash = groupByHash(placed);
  let index = 0;
  for await (const { headers, bytes } of parts) {
    index += 1;
    const path = `parts[${String(index)}]`;
    const sha2 = requireHash(headers, path, byHash);
    const expected = byHash.get(sha2) ?? [];
    requireHeaders(headers, path, expected);
    // A copy is superfluous, and no fault.
    if (!staged.has(sha2)) staged.set(sha2, await stageOne(bytes, { sha2, path, staging, limit }));
  }
}

function groupByHash(placed: readonly PlacedAttachment[]): ReadonlyMap<string, readonly PlacedAttachment[]> {
  const byHash = new Map<string, PlacedAttachment[]>();
  for (const each of placed) {
    const sha2 = each.attachment.sha2.toLowerCase();
    const same = byHash.get(sha2);
    if (same === undefined) byHash.set(sha2, [each]);
    else same.push(each);
  }
  return byHash;
}

async function stageOne(
  bytes: AsyncIterable<Buffer>,
  { sha2, path, staging, limit }: { sha2: string; path: string; staging: Staging; limit: number },
): Promise<StagedAttachment> {
  try {
    return await staging.stage(sha2, bytes);
  } catch (error) {
    if (error instanceof TooManyBytesError) throw refusals.attachmentTooLarge(path, limit);
    throw error instanceof WrongHashError ? refusals.multipart([faultOf(path, error.message)]) : error;
  }
}

function requireHash(
  headers: Part['headers'],
  path: string,
  byHash: ReadonlyMap<string, readonly PlacedAttachment[]>,
): string {
  const sha2 = headers.get('x-experience-api-hash')?.toLowerCase();
  const at = `${path}.X-Experience-API-Hash`;
  if (sha2 === undefined) throw refusals.multipart([faultOf(at, 'is missing')]);
  if (!byHash.has(sha2))
    throw refusals.multipart([faultOf(at, 'is the sha2 of no attachment of these statements')]);
  return sha2;
}

/**
 * What a header of a part and its attachments both say must be the same. What bytes belong to which is for the hash alone
 * to tell (Communication 1.5.2): how many there are is not held against what the attachment says of its length.
 */
function requireHeaders(headers: Part['headers'], path: string, placed: readonly PlacedAttachment[]): void {
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase();
  const type = headers.get('content-type');
  const length = headers.get('content-length');
  const isAny = (accepts: (attachment: Attachment) => boolean) =>
    placed.some(({ attachment }) => accepts(attachment));
  const other = String(placed[0]?.path);
  const faults = [
    encoding !== 'binary' && faultOf(`${path}.Content-Transfer-Encoding`, 'must be binary'),
    type !== undefined &&
      !isAny((attachment) => isOfType(attachment, type)) &&
      faultOf(`${path}.Content-Type`, `must be the contentType of ${other}`),
    length !== undefined &&
      !isAny((attachment) => attachment.length === Number(length)) &&
      faultOf(`${path}.Content-Length`, `must be the length of ${other}`),
  ].filter((each) => each !== false);
  if (faults.length > 0) throw refusals.multipart(faults);
}

/** Without parameters: the standard's own example sends text/plain for text/plain; charset=ascii. */
function isOfType({ contentType }: Attachment, type: string): boolean {
  return essenceOf(contentType) === essenceOf(type);
}

function requireAll(
  placed: readonly PlacedAttachment[],
  staged: ReadonlyMap<string, StagedAttachment>,
): void {
  const isStaged = ({ sha2 }: Attachment) => staged.has(sha2.toLowerCase());
  const missing = unfound(placed, isStaged, 'has no fileUrl, and no part of the request has its hash');
  if (missing.length > 0) throw refusals.multipart(missing);
}

function faultOf(path: string, reason: string): Fault {
  return { path, reason, spec: 'Communication 1.5.2' };
}
