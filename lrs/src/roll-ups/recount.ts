import type { ClickHouseClient } from '@lyceum/clickhouse';
import { clickHouseFailure } from '../query/unavailable-error.ts';
import type { RollUp } from './roll-up.ts';

/** Which part of a roll-up: conditions upon the statements, and upon the rows that count these. */
export interface CountedPart {
  readonly ofStatements: string;
  readonly ofRows: string;
  readonly parameters: Record<string, unknown>;
}

/**
 * Makes a part of a roll-up equal to the statements, by adding what is missing and subtracting what is too much.
 *
 * A block that is just being written is in `statements` a moment before it is in the roll-up, and would be counted twice;
 * so would one that a crash left half-written, when it comes again. Hence: what was on the log at the time of a
 * correction has been ingested, wholly, before the next comparison; and it ends with one that found no difference.
 */
export interface Recount {
  /**
   * Whoever was cut off by a crash, or begins, waits for what is on the log first.
   *
   * @throws UnavailableError
   */
  run(rollUp: RollUp, part: CountedPart, signal: AbortSignal): Promise<void>;
}

/** One corrects, one sees that it did; more only where the very rows are written to meanwhile. */
const mostPasses = 20;

const settings = {
  // No two corrections are one, though they may be equal: the window of tokens is for blocks of ingest.
  insert_deduplicate: 0,
  async_insert: 0,
  log_queries: 0,
  max_threads: 1,
  max_bytes_before_external_group_by: String(256 * 2 ** 20),
} as const;

export function createRecount(o: {
  clickHouse: ClickHouseClient;
  /** Resolves once ClickHouse has all that was on the log when it was called, roll-ups included. */
  untilIngested: (signal: AbortSignal) => Promise<void>;
}): Recount {
  const { clickHouse, untilIngested } = o;

  async function countDifferences(
    query: string,
    query_params: Record<string, unknown>,
    abort_signal: AbortSignal,
  ): Promise<number> {
    const answer = await clickHouse.query({
      query: `SELECT toUInt32(count()) AS count FROM (${query})`,
      query_params,
      format: 'JSONEachRow',
      clickhouse_settings: settings,
      abort_signal,
    });
    return (await answer.json<{ count: number }>())[0]?.count ?? 0;
  }

  async function pass(rollUp: RollUp, part: CountedPart, signal: AbortSignal): Promise<boolean> {
    const differences = differencesOf(rollUp, part);
    try {
      if ((await countDifferences(differences, part.parameters, signal)) === 0) return false;
      await clickHouse.command({
        query: `INSERT INTO ${rollUp.table} (${columnsOf(rollUp).join(', ')}, statements) ${differences}`,
        query_params: part.parameters,
        clickhouse_settings: settings,
      });
      return true;
    } catch (error) {
      throw signal.aborted ? error : clickHouseFailure(error);
    }
  }

  return {
    async run(rollUp, part, signal) {
      for (let passes = 0; passes < mostPasses; passes += 1) {
        if (!(await pass(rollUp, part, signal))) return;
        await untilIngested(signal);
      }
      throw new Error(`the counts of ${rollUp.table} do not come to rest`);
    },
  };
}

const columnsOf = ({ bucket, by }: RollUp) => ['organisation', bucket, ...by];

const bucketOf = { minute: 'toStartOfMinute', hour: 'toStartOfHour' } as const;

/** The rows to add, so that the sums are what the statements say. */
function differencesOf(rollUp: RollUp, { ofStatements, ofRows }: CountedPart): string {
  const { table, bucket, by, where } = rollUp;
  const columns = columnsOf(rollUp).join(', ');
  return `SELECT ${columns}, sum(each) AS statements FROM (
      SELECT organisation, ${bucketOf[bucket]}(toDateTime(stored, 'UTC')) AS ${bucket}, ${by.join(', ')}, toInt64(1) AS each
      FROM statements WHERE ${where} AND (${ofStatements})
      UNION ALL
      SELECT ${columns}, -statements AS each FROM ${table} WHERE ${ofRows})
    GROUP BY ${columns} HAVING sum(each) != 0`;
}
