import { UnreadableRecordError } from '@lyceum/events';
import { erasedLine } from '@lyceum/xapi';
import { personOfNote } from '../personal-data/erasure-note.ts';
import { storedOf } from '../personal-data/person.ts';
import { instantOfStored } from '../query/stored.ts';
import type { ErasedPerson } from '../store/erased-people.ts';
import type { StatementLines } from './statement-lines.ts';

/** Finds the erasures that cover what organisations had stored at a time or later (store/erased-people.ts). */
export type SelectErased = (organisationIds: readonly string[], stored: Date) => Promise<ErasedPerson[]>;

/** In a line: the id, a tab, then `stored` as ClickHouse writes it, in microseconds. */
const storedFrom = 37;
const storedLength = 26;

/**
 * The records with no person in them who was erased after they were stored: what the log brings late, or again, must not
 * undo an erasure. Hardly ever is there one, which costs a look into Postgres a batch.
 *
 * @throws UnreadableRecordError
 */
export async function leaveOutErased(
  records: readonly StatementLines[],
  select: SelectErased,
): Promise<StatementLines[]> {
  if (records.length === 0) return [];
  const organisationIds = [...new Set(records.map(({ organisationId }) => organisationId))];
  const oldest = records
    .map((record) => storedAt(record, 0))
    .reduce((least, each) => (each < least ? each : least));
  const people = await select(organisationIds, instantOfStored(oldest));
  return people.length === 0 ? [...records] : records.map((record) => people.reduce(without, record));
}

export function storedAt({ value }: StatementLines, start: number): string {
  return value.toString('latin1', start + storedFrom, start + storedFrom + storedLength);
}

function without(record: StatementLines, erased: ErasedPerson): StatementLines {
  if (record.organisationId !== erased.organisationId) return record;
  const until = storedOf(erased.erasedUntil);
  if (storedAt(record, 0) > until) return record;
  const lines = linesOf(record, (line, stored) =>
    stored > until ? line : erasedFrom(line, erased, record.offset),
  );
  const buffers = lines.map((line) => Buffer.from(`${line}\n`));
  let end = 0;
  const ends = buffers.map(({ length }) => (end += length));
  return { ...record, value: Buffer.concat(buffers), ends };
}

function linesOf(record: StatementLines, edit: (line: string, stored: string) => string): string[] {
  let start = 0;
  return record.ends.map((end) => {
    const edited = edit(record.value.toString('utf8', start, end - 1), storedAt(record, start));
    start = end;
    return edited;
  });
}

function erasedFrom(line: string, erased: ErasedPerson, offset: string): string {
  try {
    return erasedLine(line, personOfNote(erased));
  } catch (error) {
    throw new UnreadableRecordError(offset, 'a statement of it is not JSON', { cause: error });
  }
}
