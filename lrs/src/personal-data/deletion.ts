import type { ClickHouseClient } from '@lyceum/clickhouse';
import { clickHouseFailure } from '../query/unavailable-error.ts';

/**
 * Deletes rows of ClickHouse for good: the bytes are gone when it ends, not only hidden. `where` is SQL with the named
 * parameters. Nothing of it is in ClickHouse's log of queries: parameters name persons. All throw UnavailableError.
 */
export interface Deletion {
  readonly hasRows: (table: string, where: string, parameters: Record<string, unknown>) => Promise<boolean>;
  /** Looks before: a mutation writes parts anew, and passes all of them even where it finds nothing. */
  readonly deleteRows: (table: string, where: string, parameters: Record<string, unknown>) => Promise<void>;
}

export function createDeletion(clickHouse: ClickHouseClient): Deletion {
  async function hasRows(
    table: string,
    where: string,
    query_params: Record<string, unknown>,
  ): Promise<boolean> {
    try {
      const answer = await clickHouse.query({
        query: `SELECT 1 FROM ${table} WHERE ${where} LIMIT 1`,
        query_params,
        format: 'TabSeparated',
        clickhouse_settings: { log_queries: 0 },
      });
      return (await answer.text()) !== '';
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  return {
    hasRows,
    async deleteRows(table, where, query_params) {
      if (!(await hasRows(table, where, query_params))) return;
      try {
        await clickHouse.command({
          query: `ALTER TABLE ${table} DELETE WHERE ${where}`,
          query_params,
          clickhouse_settings: { mutations_sync: '2', log_queries: 0 },
        });
      } catch (error) {
        throw clickHouseFailure(error);
      }
    },
  };
}
