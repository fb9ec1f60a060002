import type { ClickHouseClient } from '@lyceum/clickhouse';
import type { Mutations } from '../personal-data/mutations.ts';
import { clickHouseFailure } from '../query/unavailable-error.ts';
import { parametersOf, type DroppedPiece } from './drop-notes.ts';

/**
 * Takes away what people were called whom no statement names any more. A name says when it was said first, and a statement that
 * says it again writes nothing: so it is the statements that are asked. Statements come first. For one process at a time.
 */
export interface NamesDropper {
  /** @param piece all that a run dropped. @throws UnavailableError */
  drop(piece: DroppedPiece, signal: AbortSignal): Promise<void>;
}

const saidBefore = `organisation = {organisation:String} AND stored <= toDateTime64({last:String}, 6, 'UTC')`;

export function createNamesDropper(clickHouse: ClickHouseClient, mutations: Mutations): NamesDropper {
  async function hasRows(where: string, query_params: Record<string, unknown>): Promise<boolean> {
    try {
      const answer = await clickHouse.query({
        query: `SELECT 1 FROM agent_names WHERE ${where} LIMIT 1`,
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
    async drop(piece, signal) {
      const parameters = parametersOf(piece);
      if (!(await hasRows(saidBefore, parameters))) return;
      const { name: statements } = await mutations.tableOf('statements');
      const isNamed = `agent IN (SELECT arrayJoin(arrayConcat(related_agents, [toString(authority)]))
        FROM ${statements} WHERE organisation = {organisation:String})`;
      const where = `${saidBefore} AND NOT ${isNamed}`;
      if (!(await hasRows(where, parameters))) return;
      signal.throwIfAborted();
      try {
        await clickHouse.command({
          query: `ALTER TABLE agent_names DELETE WHERE ${where}`,
          query_params: parameters,
          clickhouse_settings: { mutations_sync: '2', log_queries: 0 },
        });
      } catch (error) {
        throw clickHouseFailure(error);
      }
    },
  };
}
