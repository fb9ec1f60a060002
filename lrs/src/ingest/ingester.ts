import { setTimeout as delay } from 'node:timers/promises';
import { UnreadableRecordError, type LogRecord, type RecordBatch } from '@lyceum/events';
import type { Consequences } from './consequences.ts';
import type { IngestedIds } from '../ids/ingested-ids.ts';
import type { LookUps } from '../ids/look-ups.ts';
import type { OffsetRange, ingestBlockStore } from '../store/ingest-blocks.ts';
import { makeBlock, type Block, type KeptLines, type TakenIds } from './block.ts';
import { leaveOutErased, type SelectErased } from './leave-out-erased.ts';
import { readStatementLines, type StatementLines } from './statement-lines.ts';
import { UnreadableRowsError, type StatementTable } from './statement-table.ts';

/**
 * Writes batches of the log into ClickHouse: each statement once, whatever comes again
 * (docs/decisions/0006-statement-identity-in-the-spine.md).
 */
export interface Ingester {
  /** For EventLog.consume. @throws UnreadableRecordError for one record that is to be put aside */
  handle(batch: RecordBatch): Promise<void>;
}

/** The next records to write, as far as `range` goes. */
interface Plan {
  readonly range: OffsetRange;
  /** It is the block that is noted; else its records lie before that one. */
  readonly isNoted: boolean;
}

export interface IngesterOptions {
  readonly blocks: ReturnType<typeof ingestBlockStore>;
  readonly table: StatementTable;
  readonly ids: IngestedIds;
  readonly lookUps: LookUps;
  readonly selectErased: SelectErased;
  /** What other tables have of the statements, once these are there. */
  readonly consequences: Consequences;
  /** Of log records that make one block at most. */
  readonly fullBytes: number;
  /** Statements written, and those left out because their id was taken. */
  readonly onWritten: (written: number, leftOut: number) => void;
}

export function createIngester(o: IngesterOptions): Ingester {
  const { blocks, table, ids: statementIds, lookUps, selectErased, consequences, fullBytes, onWritten } = o;

  /** Notes the next block, or finds the one that was noted before a crash, or what of the records lies before that. */
  async function plan(wanted: OffsetRange): Promise<Plan> {
    if (await blocks.insert(wanted)) return { range: wanted, isNoted: true };
    const noted = await blocks.select(wanted.topic, wanted.partition);
    const isWhole = noted.lastOffset <= wanted.lastOffset;
    if (isWhole && noted.firstOffset === wanted.firstOffset) return { range: noted, isNoted: true };
    // The noted block comes next, as itself: what a crash left of it may be in its table, and not in a roll-up.
    const isAhead = isWhole && noted.firstOffset > wanted.firstOffset;
    return {
      range: isAhead ? { ...wanted, lastOffset: noted.firstOffset - 1n } : wanted,
      isNoted: false,
    };
  }

  async function write(
    range: OffsetRange,
    records: readonly StatementLines[],
    taken: TakenIds,
    signal: AbortSignal,
  ): Promise<readonly KeptLines[]> {
    const block = makeBlock(range, records, taken);
    if (block.count > 0) await insert(block, records, signal);
    onWritten(block.count, records.reduce((sum, { ids }) => sum + ids.length, 0) - block.count);
    return block.kept;
  }

  async function insert(
    block: Block,
    records: readonly StatementLines[],
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await table.insert(block, signal);
    } catch (error) {
      if (error instanceof UnreadableRowsError) await findUnreadable(records, error, signal);
      throw error;
    }
  }

  /**
   * Halves the records until one is left: a block may hold thousands, and comes again for each bad one in it.
   *
   * @throws UnreadableRecordError for one record that ClickHouse can't read, else the reason given
   */
  async function findUnreadable(
    records: readonly StatementLines[],
    reason: UnreadableRowsError,
    signal: AbortSignal,
  ): Promise<never> {
    const [first] = records;
    if (first === undefined || records.length === 1) {
      const own = first && (await probe([first], signal));
      throw own ? new UnreadableRecordError(first.offset, own.message, { cause: own }) : reason;
    }
    const half = records.length >> 1;
    const unreadable = (await probe(records.slice(0, half), signal)) !== null;
    return findUnreadable(unreadable ? records.slice(0, half) : records.slice(half), reason, signal);
  }

  /** Why ClickHouse can't read one of the records; null where it can. */
  async function probe(
    records: readonly StatementLines[],
    signal: AbortSignal,
  ): Promise<UnreadableRowsError | null> {
    const { rows } = makeBlock(rangeOf('', 0, records), records, new Map());
    try {
      await table.probe(rows, signal);
      return null;
    } catch (error) {
      if (error instanceof UnreadableRowsError) return error;
      throw error;
    }
  }

  async function taken(
    records: readonly StatementLines[],
    range: OffsetRange | null,
    signal: AbortSignal,
  ): Promise<TakenIds> {
    const ids = new Map<string, string[]>();
    for (const record of records) {
      const wanted = ids.get(record.organisationId) ?? [];
      ids.set(record.organisationId, wanted);
      wanted.push(...record.ids);
    }
    const found = new Map<string, Set<string>>();
    for (const [organisationId, wanted] of ids) {
      found.set(organisationId, new Set(await table.selectTaken(organisationId, wanted, range, signal)));
    }
    return found;
  }

  return {
    async handle({ topic, partition, records, signal }) {
      const started = performance.now();
      let rest = await leaveOutErased(await statementIds.accepted(readAll(records)), selectErased);
      while (rest.length > 0) {
        const wanted = rangeOf(topic, partition, rest);
        const { range, isNoted } = await plan(wanted);
        const own = rest.filter(({ offset }) => BigInt(offset) <= range.lastOffset);
        // Records from before the block that was noted last: what is there of them stays, from wherever it came.
        const doubtful = isNoted ? withGivenIds(await lookUps.select(own)) : own;
        const ids = await taken(doubtful, isNoted ? range : null, signal);
        // A request that begins after the abort hears nothing of it.
        signal.throwIfAborted();
        const written = await write(range, own, ids, signal);
        // Before the offset is committed: a crash in between brings the block again, and this with it. Where it comes in
        // other batches, what is there of it already counts too.
        const kept = isNoted
          ? written
          : makeBlock(range, own, await taken(withGivenIds(own), range, signal)).kept;
        await consequences.write(kept, signal);
        await statementIds.written(own);
        lookUps.written(own);
        rest = rest.slice(own.length);
      }
      // With half a block at hand there is nothing to wait for.
      if (bytesOf(records) < fullBytes / 2) await restAfter(performance.now() - started);
    },
  };
}

/**
 * ClickHouse writes few large blocks for a fraction of what many small ones cost: as much time as a block took, the
 * next may gather. With little to do that is a few hundredths of a second.
 */
async function restAfter(elapsedMs: number): Promise<void> {
  await delay(Math.min(elapsedMs, longestRestMs));
}

const longestRestMs = 50;

/** Without the records whose ids the receiver made: no earlier statement can have one. */
function withGivenIds(records: Iterable<StatementLines>): StatementLines[] {
  return [...records].filter(({ idsMade }) => !idsMade);
}

/** All are read before any is written: an unreadable one is put aside first. */
function readAll(records: readonly LogRecord[]): StatementLines[] {
  return records.map(readStatementLines);
}

function bytesOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { value }) => sum + value.length, 0);
}

function rangeOf(topic: string, partition: number, records: readonly StatementLines[]): OffsetRange {
  const firstOffset = BigInt(records[0]?.offset ?? 0);
  const lastOffset = BigInt(records.at(-1)?.offset ?? 0);
  return { topic, partition, firstOffset, lastOffset };
}
