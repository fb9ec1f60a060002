import { createHash } from 'node:crypto';
import { timestampMicros, type Edition } from '@lyceum/xapi';
import { readStatements, type SentStatement } from '../receive/read-statements.ts';
import { XapiError } from '../receive/xapi-error.ts';
import type { StoreJobFault } from '../store/store-jobs.ts';
import type { ImportLine } from './import-lines.ts';

/** A valid statement of a file. */
export interface ImportedStatement {
  readonly line: number;
  /** In lower case. */
  readonly id: string;
  readonly edition: Edition;
  readonly sent: SentStatement;
  /** Its `stored`, in microseconds, where it keeps it; orders a batch. */
  readonly stored: bigint | undefined;
}

/** Nothing was stored by xAPI before that. */
const earliest = timestampMicros('2000-01-01T00:00:00Z');

/** Held against all rules of structure, as in a request of its own: valid, or the first fault. */
export function readImported(
  { number: line, bytes }: ImportLine,
  { keepsOriginals }: { keepsOriginals: boolean },
): ImportedStatement | StoreJobFault {
  if (bytes === null) return { line, path: '', reason: 'is longer than a statement may be' };
  try {
    const edition = /"version"\s*:\s*"2\./.test(bytes.toString('latin1')) ? '2.0' : '1.0';
    const [read] = readStatements(bytes, edition, true).statements;
    if (read === undefined || bytes[0] === 0x5b) return { line, path: '', reason: 'is not one statement' };
    const sent = withId(read, line);
    const { id = '', stored } = sent.statement;
    const micros = keepsOriginals && stored !== undefined ? timestampMicros(stored) : undefined;
    if (micros !== undefined && (micros < earliest || micros > BigInt(Date.now()) * 1000n))
      return { line, path: 'stored', reason: 'is before 2000, or has not come yet' };
    return { line, id: id.toLowerCase(), edition, sent, stored: micros };
  } catch (error) {
    if (!(error instanceof XapiError)) throw error;
    const [fault] = error.faults;
    return { line, path: fault?.path ?? '', reason: fault?.reason ?? error.message };
  }
}

/** One that says no id gets the same each time that the file comes: sent again it is the same statement. */
function withId(sent: SentStatement, line: number): SentStatement {
  if (sent.statement.id !== undefined) return sent;
  const hash = createHash('sha256')
    .update(`${String(line)}\n${sent.text}`)
    .digest('hex');
  // RFC 9562, 5.8: a UUID of one's own making.
  const variant = '89ab'[Number.parseInt(hash.charAt(16), 16) % 4] ?? '8';
  const id = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  return { statement: { ...sent.statement, id }, text: `{"id":"${id}",${sent.text.slice(1)}` };
}
