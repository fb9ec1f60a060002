import { bySortingKey } from '@lyceum/xapi/query';
import type { ClickHouseClient } from '@clickhouse/client';

/** What ClickHouse says of how much there is. */
export interface Disk {
  /** Of all organisations. */
  readonly statements: number;
  /** Bytes of the statements themselves, and of all that belongs to learning records. */
  readonly statementBytes: number;
  readonly bytes: number;
}

/** Statements stored in one second. */
export interface SecondCount {
  readonly organisation: string;
  /** Unix seconds. */
  readonly second: number;
  readonly statements: number;
}

/** Whoever asks how the store is waits no longer. */
const patienceMs = 2_000;

export function storeHealthStore(clickHouse: ClickHouseClient) {
  async function select<Row>(query: string, query_params: Record<string, unknown> = {}): Promise<Row[]> {
    const answer = await clickHouse.query({
      query,
      query_params,
      format: 'JSONEachRow',
      clickhouse_settings: { max_execution_time: patienceMs / 1000 },
      abort_signal: AbortSignal.timeout(patienceMs),
    });
    return answer.json<Row>();
  }

  return {
    /** How many statements of each organisation queries find, by the roll-up; of one without any there is no row. */
    selectTotals: (organisationIds: readonly string[]) =>
      select<{ organisation: string; statements: number }>(
        `SELECT organisation, toFloat64(sum(verb_minutes.statements)) AS statements FROM verb_minutes
         WHERE organisation IN {organisations:Array(String)} GROUP BY organisation`,
        { organisations: organisationIds },
      ),

    /** By second of `stored`, from `start` until before `end` (Unix seconds); empty seconds have no row. */
    selectSeconds: (organisationIds: readonly string[], start: number, end: number) =>
      select<SecondCount>(
        `SELECT organisation, toUInt32(intDiv(toUnixTimestamp64Milli(stored), 1000)) AS second,
           toFloat64(count()) AS statements
         FROM statements WHERE organisation IN {organisations:Array(String)}
           AND stored >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
           AND stored < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
         GROUP BY organisation, second ${bySortingKey}`,
        { organisations: organisationIds, start: start * 1000, end: end * 1000 },
      ),

    async selectDisk(): Promise<Disk> {
      const [disk] = await select<Disk>(
        `SELECT toFloat64(sumIf(rows, table = 'statements')) AS statements,
           toFloat64(sumIf(bytes_on_disk, table = 'statements')) AS statementBytes,
           toFloat64(sum(bytes_on_disk)) AS bytes
         FROM system.parts WHERE active AND database = currentDatabase()`,
      );
      return disk ?? { statements: 0, statementBytes: 0, bytes: 0 };
    },
  };
}
