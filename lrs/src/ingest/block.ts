import type { OffsetRange } from '../store/ingest-blocks.ts';
import type { StatementLines } from './statement-lines.ts';

/** Rows for one insert, and the name by which ClickHouse knows that it has them. */
export interface Block {
  readonly token: string;
  readonly rows: Buffer;
  readonly count: number;
  readonly kept: readonly KeptLines[];
}

/** The statements of a record that are in a block: the places of their lines in it. */
export interface KeptLines {
  readonly record: StatementLines;
  readonly places: readonly number[];
}

/** Ids that are taken, by organisation. */
export type TakenIds = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The block of some records, without the statements whose id is taken by an earlier statement, in the block or
 * before it: the first one stays. It depends on nothing else, so that the same records give the same block.
 */
export function makeBlock(range: OffsetRange, records: readonly StatementLines[], taken: TakenIds): Block {
  const seen = new Map([...taken].map(([organisationId, ids]) => [organisationId, new Set(ids)]));
  const rows = Buffer.allocUnsafe(records.reduce((sum, record) => sum + roomFor(record), 0));
  let length = 0;
  const kept: KeptLines[] = [];
  for (const record of records) {
    const { organisationId, ids, value, ends } = record;
    const prefix = prefixOf(record);
    const seenHere = seen.get(organisationId) ?? new Set();
    seen.set(organisationId, seenHere);
    const places: number[] = [];
    let start = 0;
    for (const [index, id] of ids.entries()) {
      const end = ends[index] ?? start;
      if (!seenHere.has(id)) {
        seenHere.add(id);
        length += rows.write(prefix, length, 'latin1');
        length += value.copy(rows, length, start, end);
        places.push(index);
      }
      start = end;
    }
    kept.push({ record, places });
  }
  return {
    token: tokenOf(range, records),
    rows: rows.subarray(0, length),
    count: kept.reduce((sum, { places }) => sum + places.length, 0),
    kept,
  };
}

/** The columns before those of the line. */
function prefixOf({ organisationId, offset, imported }: StatementLines): string {
  return `${organisationId}\t${offset}\t${imported}\t`;
}

function roomFor(record: StatementLines): number {
  return record.value.length + prefixOf(record).length * record.ids.length;
}

/** The time tells this log from one that was made anew and counts its offsets from the start again. */
function tokenOf(
  { topic, partition, firstOffset, lastOffset }: OffsetRange,
  [first]: readonly StatementLines[],
): string {
  const since = first?.appendedAt.toISOString() ?? '';
  return `${topic}/${String(partition)}/${String(firstOffset)}-${String(lastOffset)}/${since}`;
}
