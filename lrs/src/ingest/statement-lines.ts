import { UnreadableRecordError, type LogRecord } from '@lyceum/events';
import { isUuid, readBatchHeaders } from '@lyceum/xapi';
import type { IdentifiedRecord } from '../ids/ingested-ids.ts';
import { claimHeader } from '../ids/statement-ids.ts';

/** The statements of one log record as the lines that ClickHouse takes. */
export interface StatementLines extends IdentifiedRecord {
  readonly appendedAt: Date;
  /** Whether every id was made by the receiver: then no earlier statement can have it. */
  readonly idsMade: boolean;
  /** Whether who brought it may void what others brought, and says what activities and agents are called. */
  readonly voidsAny: boolean;
  readonly defines: boolean;
  /** When an import brought them with a `stored` of their own, in microseconds since 1970; else 0. */
  readonly imported: string;
  /** The lines, each with its line break. */
  readonly value: Buffer;
  /** Where each line ends. Offsets rather than slices: a block has ten thousand lines. */
  readonly ends: readonly number[];
}

const newline = 10;
const tab = 9;
const idLength = 36;

/** What may stand in a row of TabSeparated as it is. */
const plainName = /^[\w.-]+$/;

/**
 * Finds the lines of a record and their ids; nothing else of them is looked at.
 *
 * @throws UnreadableRecordError for what no receiver wrote
 */
export function readStatementLines(record: LogRecord): StatementLines {
  const { topic, partition, offset, appendedAt, headers, value } = record;
  const { organisationId, count } = readHeaders(offset, headers);
  const ids: string[] = [];
  const ends: number[] = [];
  for (let start = 0; start < value.length;) {
    const end = value.indexOf(newline, start) + 1;
    const id = value.toString('latin1', start, start + idLength);
    if (end === 0 || value[start + idLength] !== tab || !isUuid(id)) {
      throw new UnreadableRecordError(offset, `line ${String(ends.length + 1)} is not a statement`);
    }
    ids.push(id);
    ends.push(end);
    start = end;
  }
  if (ends.length !== count)
    throw new UnreadableRecordError(offset, `it has ${String(ends.length)} statements, not ${String(count)}`);
  const idsMade = headers['ids'] === 'made';
  const voidsAny = headers['voids'] === 'any';
  const defines = headers['defines'] === '1';
  const claim = headers[claimHeader];
  const imported = importedAt(headers['imported']);
  const of = {
    topic,
    partition,
    offset,
    appendedAt,
    organisationId,
    idsMade,
    voidsAny,
    defines,
    claim,
    imported,
  };
  return { ...of, ids, value, ends };
}

/** A header that is no number is none: nothing but the number of rows that a page sees hangs on it. */
const importedAt = (header: string | undefined) => (/^\d{1,19}$/.test(header ?? '') ? (header ?? '0') : '0');

function readHeaders(offset: string, headers: LogRecord['headers']) {
  try {
    const read = readBatchHeaders(headers);
    if (!plainName.test(read.organisationId)) throw new Error('the organisation has an impossible id');
    return read;
  } catch (error) {
    throw new UnreadableRecordError(offset, error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
