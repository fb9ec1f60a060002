import { decodeLine, type LoggedStatement } from './decode-line.ts';
import { activityIriPrefix } from './identifiers.ts';
import type { StampedStatement } from './stamp.ts';
import { createLineBuffer } from './line-buffer.ts';
import { encodeLine } from './statement-line.ts';

/** The topic that all statements of all organisations are on. */
export const statementsTopic = 'statements';

/** The form of a record's value, in its header `format`: change it when {@link statementColumns} changes. */
export const statementsFormat = 'statement-lines-1';

/** One record of the log: all the statements of one request, so that all of them are kept or none. */
export interface StatementRecord {
  topic: string;
  /** The organisation: its statements share a partition, which keeps their order. */
  key: string;
  value: Buffer;
  headers: Record<string, string>;
}

/** The log takes no larger record. */
export const largestRecordBytes = 8 * 2 ** 20;

/** About how many bytes the value of a record takes; more make room for themselves. */
export function expectedBytes(statements: number): number {
  return Math.min(statements * 2048, largestRecordBytes);
}

export interface StatementBatch {
  organisationId: string;
  /** PUBLIC_URL: tells the statements about activities of ours. */
  publicUrl: string;
  statements: readonly StampedStatement[];
}

/**
 * Makes the record of a batch. Headers: `organisation`, `count`, `format`, and `lyceum: '1'` where an object is
 * an activity of this installation, so that learning skips all other records unread. `ids: 'made'` where every id
 * was made here, so that the writer into ClickHouse need not look for it there.
 *
 * @param room where the value may lie, to be used again when nobody needs the record any more
 */
export function encodeStatementBatch(
  { organisationId, publicUrl, statements }: StatementBatch,
  room?: Buffer,
): StatementRecord {
  const ours = activityIriPrefix(publicUrl);
  const headers: Record<string, string> = {
    organisation: organisationId,
    count: String(statements.length),
    format: statementsFormat,
  };
  if (statements.every((each) => each.idMade)) headers['ids'] = 'made';
  const lines = createLineBuffer(room ?? Buffer.allocUnsafe(expectedBytes(statements.length)));
  for (const stamped of statements) {
    const { columns, text, index } = encodeLine(stamped);
    lines.add(columns);
    lines.add(text);
    lines.endLine();
    if (index.activity.startsWith(ours)) headers['lyceum'] = '1';
  }
  return { topic: statementsTopic, key: organisationId, value: lines.bytes(), headers };
}

/** A record that does not hold what its headers promise: one for the dead letters. */
export class UnreadableBatchError extends Error {
  override name = 'UnreadableBatchError';
}

/** What decoding needs of a log record. */
export interface EncodedBatch {
  value: Uint8Array | string;
  headers: Record<string, string>;
}

/** The organisation and count of a record, after its format is known to be ours. */
export function readBatchHeaders(headers: Record<string, string>): { organisationId: string; count: number } {
  const { organisation, count, format } = headers;
  if (format !== statementsFormat) throw new UnreadableBatchError(`unknown format ${format ?? '(none)'}`);
  if (organisation === undefined || organisation === '') throw new UnreadableBatchError('no organisation');
  const number = Number(count);
  if (!Number.isSafeInteger(number) || number < 1) throw new UnreadableBatchError(`no count: ${count ?? ''}`);
  return { organisationId: organisation, count: number };
}

/**
 * Reads a record of topic `statements`.
 * @throws UnreadableBatchError
 */
export function decodeStatementBatch({ value, headers }: EncodedBatch): {
  organisationId: string;
  statements: LoggedStatement[];
} {
  const { organisationId, count } = readBatchHeaders(headers);
  const text =
    typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.length).toString();
  if (!text.endsWith('\n')) throw new UnreadableBatchError('cut off');
  const statements = text.slice(0, -1).split('\n').map(decodeStatementLine);
  if (statements.length !== count) throw new UnreadableBatchError(`not ${String(count)} statements`);
  return { organisationId, statements };
}

function decodeStatementLine(line: string): LoggedStatement {
  const statement = decodeLine(line);
  if (statement === null) throw new UnreadableBatchError('not a line of statement columns');
  return statement;
}
