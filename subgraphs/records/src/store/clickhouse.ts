import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import { untilAnswers } from '@lyceum/service';

/** The database of the learning records where the URL names none. */
const defaultDatabase = 'lyceum';

/** The engine ends a query first; this is for an engine that does not answer at all. */
const marginMs = 5_000;

/** What fails is thrown, and logged by whoever answers for it. */
const log = { level: ClickHouseLogLevel.OFF };

/** A client of the database of learning records, which is made where it is missing. @throws EngineUnreachableError */
export async function openClickHouse(options: {
  url: string;
  querySeconds: number;
}): Promise<ClickHouseClient> {
  const { server, database } = addressOf(options.url);
  await makeDatabase(server, database);
  return createClient({
    url: server,
    database,
    application: 'lyceum-records',
    request_timeout: options.querySeconds * 1000 + marginMs,
    max_open_connections: 8,
    log,
    clickhouse_settings: limits(options.querySeconds),
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

function addressOf(url: string): { server: string; database: string } {
  const address = new URL(url);
  const database = address.pathname.replaceAll('/', '') || defaultDatabase;
  address.pathname = '/';
  return { server: address.toString(), database };
}

async function makeDatabase(url: string, database: string): Promise<void> {
  const server = createClient({ url, request_timeout: marginMs, log });
  const query = 'CREATE DATABASE IF NOT EXISTS {database:Identifier}';
  try {
    await untilAnswers({ name: 'ClickHouse', variable: 'CLICKHOUSE_URL', url }, () =>
      server.command({ query, query_params: { database } }),
    );
  } finally {
    await server.close();
  }
}
