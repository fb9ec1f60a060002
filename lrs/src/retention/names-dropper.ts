import type { ClickHouseClient } from '@lyceum/clickhouse';
import { createDeletion } from '../personal-data/deletion.ts';
import type { Mutations } from '../personal-data/mutations.ts';
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
  const { hasRows, deleteRows } = createDeletion(clickHouse);

  return {
    async drop(piece, signal) {
      const parameters = parametersOf(piece);
      if (!(await hasRows('agent_names', saidBefore, parameters))) return;
      const { name: statements } = await mutations.tableOf('statements');
      const isNamed = `agent IN (SELECT arrayJoin(arrayConcat(related_agents, [toString(authority)]))
        FROM ${statements} WHERE organisation = {organisation:String})`;
      signal.throwIfAborted();
      await deleteRows('agent_names', `${saidBefore} AND NOT ${isNamed}`, parameters);
    },
  };
}
