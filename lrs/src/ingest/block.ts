import type { OffsetRange } from '../store/ingest-blocks.ts';
import type { StatementLines } from './statement-lines.ts';

/** Rows for one insert, and the name by which ClickHouse knows that it has them. */
export interface Block {
  readonly token: string;
  readonly rows: Buffer;
  readonly count: number;
}

/** Ids that are taken, by organisation. */
export type TakenIds = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The block of some records, without the statements whose id is taken by an earlier statement, in the block or
 * before it: the first one stays. It depends on nothing else, so that the same records give the same block.
 */
export function makeBlock(range: OffsetRange, records: readonly StatementLines[], taken: TakenIds): Block {
  const pieces: Buffer[] = [];
  const seen = new Set<string>();
  for (const { offset, organisationId, ids, lines } of records) {
    const prefix = Buffer.from(`${organisationId}\t${offset}\t`);
    const takenHere = taken.get(organisationId);
    lines.forEach((line, index) => {
      const id = ids[index] ?? '';
      const key = `${organisationId} ${id}`;
      if (seen.has(key) || takenHere?.has(id)) return;
      seen.add(key);
      pieces.push(prefix, line);
    });
  }
  return { token: tokenOf(range, records), rows: Buffer.concat(pieces), count: seen.size };
}

/** The time tells this log from one that was made anew and counts its offsets from the start again. */
function tokenOf(
  { topic, partition, firstOffset, lastOffset }: OffsetRange,
  [first]: readonly StatementLines[],
): string {
  const since = first?.appendedAt.toISOString() ?? '';
  return `${topic}/${String(partition)}/${String(firstOffset)}-${String(lastOffset)}/${since}`;
}
