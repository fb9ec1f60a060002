import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseClient } from '@lyceum/clickhouse';
import type { Logger } from '@lyceum/service';
import type { Recount } from './recount.ts';
import { rollUps, type RollUp } from './roll-up.ts';

const retryMs = 5_000;

const dayMs = 24 * 60 * 60_000;

/** Where nothing is left to be counted. */
const firstDay = '1970-01-01';

/**
 * Counts the statements that were in ClickHouse before a roll-up was, a day at a time, the newest first: in the
 * background, beside ingest, from where a crash left it. Until it has ended, counts of the past are too low.
 */
export function startFillingRollUps(o: {
  clickHouse: ClickHouseClient;
  recount: Recount;
  /** Resolves once ClickHouse has all that was on the log when it was called, roll-ups included. */
  untilIngested: (signal: AbortSignal) => Promise<void>;
  /** Runs `work` while no other process counts anew, or erases. */
  alone: <T>(work: () => Promise<T>) => Promise<T>;
  logger: Logger;
}): { readonly done: Promise<void>; stop(): Promise<void> } {
  const { clickHouse, recount, untilIngested, alone, logger } = o;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function select<Row>(query: string, query_params: Record<string, unknown> = {}): Promise<Row[]> {
    const answer = await clickHouse.query({
      query,
      query_params,
      format: 'JSONEachRow',
      abort_signal: signal,
    });
    return answer.json<Row>();
  }

  async function insert(rollUp: RollUp, day: string): Promise<void> {
    await clickHouse.insert({
      table: 'roll_up_filling',
      values: [{ roll_up: rollUp.table, day }],
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0 },
    });
  }

  async function selectFilled({ table }: RollUp): Promise<string | undefined> {
    const [row] = await select<{ day: string; days: number }>(
      'SELECT toString(min(day)) AS day, toUInt32(count()) AS days FROM roll_up_filling WHERE roll_up = {table:String}',
      { table },
    );
    return row && row.days > 0 ? row.day : undefined;
  }

  /** The first and the last day that have statements: what the parts say of their partitions, without reading one. */
  async function selectSpan(): Promise<{ first: string; last: string } | undefined> {
    const [row] = await select<{ first: string; last: string; count: number }>(
      `SELECT toString(toDate(min(stored))) AS first, toString(toDate(max(stored))) AS last,
         toFloat64(count()) AS count FROM statements`,
    );
    return row && row.count > 0 ? row : undefined;
  }

  async function fill(rollUp: RollUp): Promise<void> {
    const filled = await selectFilled(rollUp);
    if (filled === firstDay) return;
    // A correction before a crash may have been for a block that has come, wholly, since then.
    await untilIngested(signal);
    const span = await selectSpan();
    if (span !== undefined) {
      logger.info({ rollUp: rollUp.table, ...span }, 'statements that were there before are being counted');
      for (let day = dayBefore(filled) ?? span.last; day >= span.first; day = dayBefore(day) ?? firstDay) {
        await alone(() => recount.run(rollUp, partOfDay(rollUp, day), signal));
        await insert(rollUp, day);
      }
    }
    await insert(rollUp, firstDay);
  }

  async function run(): Promise<void> {
    const isStopping = () => signal.aborted;
    while (!isStopping()) {
      try {
        for (const rollUp of rollUps) await fill(rollUp);
        return;
      } catch (error) {
        if (isStopping()) return;
        logger.warn({ err: error }, 'statements that were there before were not all counted');
        await delay(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  const done = run();
  return {
    done,
    stop() {
      stopping.abort();
      return done;
    },
  };
}

function dayBefore(day: string | undefined): string | undefined {
  if (day === undefined || day <= firstDay) return undefined;
  return new Date(Date.parse(day) - dayMs).toISOString().slice(0, 10);
}

function partOfDay({ bucket }: RollUp, day: string) {
  return {
    ofStatements: `stored >= toDateTime64({day:String}, 6, 'UTC')
      AND stored < toDateTime64({day:String}, 6, 'UTC') + INTERVAL 1 DAY`,
    ofRows: `${bucket} >= toDateTime({day:String}, 'UTC') AND ${bucket} < toDateTime({day:String}, 'UTC') + INTERVAL 1 DAY`,
    parameters: { day: `${day} 00:00:00` },
  };
}
