import { Readable } from 'node:stream';
import { ClickHouseError, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
import { statementColumns } from '@lyceum/xapi';
import { idRows, idsOfQuery } from '../query/inline-rows.ts';
import type { Block } from './block.ts';

/** The statements in ClickHouse, as their only writer sees them. An aborted signal ends the waiting, and rejects. */
export interface StatementTable {
  /**
   * Which of these ids an organisation has already, from log records outside of the range. Where `range` is null,
   * from any. What was dropped has its own still.
   */
  selectTaken(
    organisationId: string,
    ids: readonly string[],
    range: WrittenRange | null,
    signal: AbortSignal,
  ): Promise<string[]>;
  /**
   * Writes a block once, however often it is tried, roll-ups included.
   * @throws UnreadableRowsError where a row can't be read
   */
  insert(block: Block, signal: AbortSignal): Promise<void>;
  /**
   * Reads rows as an insert would, and writes nothing.
   * @throws UnreadableRowsError
   */
  probe(rows: Buffer, signal: AbortSignal): Promise<void>;
}

export interface WrittenRange {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
}

/** ClickHouse could not parse rows. */
export class UnreadableRowsError extends Error {
  override name = 'UnreadableRowsError';
}

const columns: [string, ...string[]] = ['organisation', 'log_offset', 'imported', ...statementColumns];

/** A block is one insert, waited for, and known by its token (https://clickhouse.com/docs/guides/developer/deduplicating-inserts-on-retries). */
const insertSettings = {
  async_insert: 0,
  insert_deduplicate: 1,
  deduplicate_blocks_in_dependent_materialized_views: 1,
  // One block stays one block: the limits of INGEST_BLOCK_BYTES lie below these.
  input_format_parallel_parsing: 0,
  max_insert_block_size: '1048576',
  // What is imported may be of any month: a block that was refused for their number would come again for ever.
  max_partitions_per_insert_block: '0',
} as const;

/** ErrorCodes.cpp: CANNOT_PARSE_..., INCORRECT_DATA, UNEXPECTED_END_OF_FILE, UNKNOWN_ELEMENT..., out of range. */
const unreadable = new Set([
  '6',
  '25',
  '26',
  '27',
  '33',
  '38',
  '41',
  '69',
  '72',
  '117',
  '130',
  '131',
  '321',
  '376',
  '467',
  '675',
]);

export function createStatementTable(clickHouse: ClickHouseClient): StatementTable {
  async function write(
    table: string,
    rows: Buffer,
    settings: ClickHouseSettings,
    abort_signal: AbortSignal,
  ): Promise<void> {
    const values = Readable.from([rows], { objectMode: false });
    const clickhouse_settings = { ...insertSettings, ...settings };
    try {
      await clickHouse.insert({
        table,
        columns,
        values,
        format: 'TabSeparated',
        clickhouse_settings,
        abort_signal,
      });
    } catch (error) {
      if (error instanceof ClickHouseError && unreadable.has(error.code)) {
        throw new UnreadableRowsError(error.message, { cause: error });
      }
      throw error;
    }
  }

  async function selectTakenOf(
    organisationId: string,
    ids: readonly string[],
    range: WrittenRange | null,
    abort_signal: AbortSignal,
  ): Promise<string[]> {
    const known = idRows(ids);
    const outside = range === null ? '' : 'AND NOT (log_offset BETWEEN {first:UInt64} AND {last:UInt64})';
    const answer = await clickHouse.query({
      query: `WITH wanted AS (${known}) SELECT DISTINCT toString(id) FROM (
          SELECT id FROM statements WHERE organisation = {organisation:String} AND id IN (SELECT id FROM wanted) ${outside}
          UNION ALL
          SELECT id FROM dropped_statements WHERE organisation = {organisation:String} AND id IN (SELECT id FROM wanted))`,
      query_params: { organisation: organisationId, first: range?.firstOffset, last: range?.lastOffset },
      clickhouse_settings: { max_query_size: String(known.length + 10_000) },
      format: 'TabSeparated',
      abort_signal,
    });
    return (await answer.text()).split('\n').slice(0, -1);
  }

  return {
    async selectTaken(organisationId, ids, range, signal) {
      const taken: string[] = [];
      for (let start = 0; start < ids.length; start += idsOfQuery) {
        const found = await selectTakenOf(
          organisationId,
          ids.slice(start, start + idsOfQuery),
          range,
          signal,
        );
        for (const id of found) taken.push(id);
      }
      return taken;
    },
    insert: ({ rows, token }, signal) =>
      write('statements', rows, { insert_deduplication_token: token }, signal),
    probe: (rows, signal) => write('statement_probe', rows, {}, signal),
  };
}
