import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';

/** The database of the learning records where the URL names none. */
const defaultDatabase = 'lyceum';

/** Where the learning records are: CLICKHOUSE_URL without its path, and the database that the path names. */
export function clickHouseAddress(url: string): { server: string; database: string } {
  const address = new URL(url);
  const database = address.pathname.replaceAll('/', '') || defaultDatabase;
  address.pathname = '/';
  return { server: address.toString(), database };
}

/** A client of the database of learning records; `database: null` is for making it. */
export function openClickHouse(
  url: string,
  o: { database?: null; timeoutMs?: number } = {},
): ClickHouseClient {
  const { server, database } = clickHouseAddress(url);
  return createClient({
    url: server,
    ...(o.database === null ? {} : { database }),
    application: 'lyceum-lrs',
    request_timeout: o.timeoutMs ?? 30_000,
    max_open_connections: 8,
    keep_alive: { enabled: true },
    // What fails is thrown, and logged by who knows what it means.
    log: { level: ClickHouseLogLevel.OFF },
  });
}
