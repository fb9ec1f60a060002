import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import { clickHouseAddress } from './address.ts';

export type { ClickHouseClient, ClickHouseSettings };

/** A client of the database that `url` names (address.ts). It connects with the first query; close it at the end. */
export function createClickHouseClient(options: {
  url: string;
  /** What ClickHouse's own log of queries calls the caller. */
  application: string;
  /** How long a request may take; 30 s unless told. */
  timeoutMs?: number | undefined;
  /** Of every query: limits, mostly. */
  settings?: ClickHouseSettings;
}): ClickHouseClient {
  const { server, database } = clickHouseAddress(options.url);
  return createClient({
    url: server,
    database,
    application: options.application,
    request_timeout: options.timeoutMs ?? 30_000,
    max_open_connections: 8,
    clickhouse_settings: options.settings ?? {},
    log: quiet,
  });
}

/** A client of the server, from which databases are made. */
export function createServerClient(url: string): ClickHouseClient {
  return createClient({ url: clickHouseAddress(url).server, request_timeout: 5_000, log: quiet });
}

/** What fails is thrown, and logged by whoever knows what it means. */
const quiet = { level: ClickHouseLogLevel.OFF };
