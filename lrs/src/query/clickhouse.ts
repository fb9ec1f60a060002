import { createClickHouseClient, type ClickHouseClient } from '@lyceum/clickhouse';

/** A client of the database of learning records; a request may take 30 s unless told. */
export function openClickHouse(url: string, { timeoutMs }: { timeoutMs?: number } = {}): ClickHouseClient {
  return createClickHouseClient({ url, application: 'lyceum-lrs', timeoutMs });
}
