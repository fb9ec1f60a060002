import { untilAnswers } from '@lyceum/service';
import { clickHouseAddress } from './address.ts';
import { createServerClient } from './client.ts';

/**
 * Makes the database that `url` names unless it is there, once ClickHouse answers. Several services or instances may do
 * so at the same time.
 *
 * @throws EngineUnreachableError where ClickHouse does not answer within `timeoutMs` (30 s unless told).
 */
export async function ensureDatabase(url: string, options: { timeoutMs?: number } = {}): Promise<void> {
  const { database } = clickHouseAddress(url);
  const query = 'CREATE DATABASE IF NOT EXISTS {database:Identifier}';
  const server = createServerClient(url);
  try {
    await untilClickHouseAnswers(url, () => server.command({ query, query_params: { database } }), options);
  } finally {
    await server.close();
  }
}

/**
 * Tries `probe` until it succeeds.
 *
 * @throws EngineUnreachableError that names ClickHouse and CLICKHOUSE_URL, after `timeoutMs` (30 s unless told).
 */
export function untilClickHouseAnswers<T>(
  url: string,
  probe: () => Promise<T>,
  options: { timeoutMs?: number } = {},
): Promise<T> {
  return untilAnswers({ name: 'ClickHouse', variable: 'CLICKHOUSE_URL', url }, probe, options);
}
