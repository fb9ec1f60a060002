import { ClickHouseError, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';

/** A query would take longer, or bring more, than a reader may ask for (store/clickhouse.ts). */
export class QueryTooExpensiveError extends Error {
  override name = 'QueryTooExpensiveError';
}

/**
 * TIMEOUT_EXCEEDED, TOO_SLOW, MEMORY_LIMIT_EXCEEDED, TOO_MANY_BYTES, TOO_MANY_ROWS_OR_BYTES (ClickHouse, ErrorCodes.cpp).
 */
const limitCodes = new Set(['159', '160', '241', '307', '396']);

export type Select = ReturnType<typeof createSelect>;

/** Runs a query, its values bound as parameters, and answers its rows. @throws QueryTooExpensiveError */
export function createSelect(clickHouse: ClickHouseClient) {
  return async function select<Row>(
    query: string,
    query_params: Record<string, unknown>,
    clickhouse_settings: ClickHouseSettings = {},
  ): Promise<Row[]> {
    try {
      const answer = await clickHouse.query({
        query,
        query_params,
        clickhouse_settings,
        format: 'JSONEachRow',
      });
      return await answer.json<Row>();
    } catch (error) {
      if (!(error instanceof ClickHouseError) || !limitCodes.has(error.code)) throw error;
      throw new QueryTooExpensiveError(error.message, { cause: error });
    }
  };
}
