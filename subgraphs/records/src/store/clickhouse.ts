import {
  createClickHouseClient,
  ensureDatabase,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@lyceum/clickhouse';

/** The engine ends a query first; this is for an engine that does not answer at all. */
const marginMs = 5_000;

/** A client of the database of learning records, which is made where it is missing. @throws EngineUnreachableError */
export async function openClickHouse(options: {
  url: string;
  querySeconds: number;
}): Promise<ClickHouseClient> {
  await ensureDatabase(options.url);
  return createClickHouseClient({
    url: options.url,
    application: 'lyceum-records',
    timeoutMs: options.querySeconds * 1000 + marginMs,
    settings: limits(options.querySeconds),
  });
}

/** No query of a reader may hold the engine for long, or bring more than a page can show. */
function limits(seconds: number): ClickHouseSettings {
  return {
    max_execution_time: seconds,
    timeout_overflow_mode: 'throw',
    max_result_rows: '200000',
    result_overflow_mode: 'throw',
  };
}
