import type { ClickHouseClient } from '@lyceum/clickhouse';
import { createDeletion } from '../personal-data/deletion.ts';
import type { Mutations } from '../personal-data/mutations.ts';
import { ofPiece, parametersOf, type DroppedPiece } from './drop-notes.ts';
import { droppedTables, lateTables, type DroppedTable } from './dropped-tables.ts';

/**
 * Deletes what was noted as dropped, from all tables that have rows of statements: the bytes are gone when it ends, not
 * only hidden. The same piece again deletes what a crash has left. For one process at a time. Both throw UnavailableError.
 */
export interface StatementDropper {
  drop(piece: DroppedPiece, signal: AbortSignal): Promise<void>;
  /** What ingest wrote of them meanwhile, beside statements. */
  dropLate(piece: DroppedPiece, signal: AbortSignal): Promise<void>;
}

/** By which createMutations knows those of the dropper. */
export const dropMark = 'dropped_statements';

export function createStatementDropper(clickHouse: ClickHouseClient, mutations: Mutations): StatementDropper {
  const { hasRows } = createDeletion(clickHouse);

  /** A mutation runs where no database is current; the set of ids is one for all parts. */
  async function deleteFrom(of: DroppedTable, piece: DroppedPiece, signal: AbortSignal): Promise<void> {
    const { name: notes } = await mutations.tableOf('dropped_statements');
    const { name: statements } = await mutations.tableOf('statements');
    const { table } = of;
    const where = conditionOf(of, { notes, statements });
    const parameters = parametersOf(piece);
    if (!(await hasRows(table, where, parameters))) return;
    const partition = of.byMonth ? `IN PARTITION ${piece.month.replace('-', '')}` : '';
    await mutations.command(`ALTER TABLE ${table} DELETE ${partition} WHERE ${where}`, parameters);
    await mutations.untilDone(signal);
  }

  async function deleteFromAll(tables: readonly DroppedTable[], piece: DroppedPiece, signal: AbortSignal) {
    await mutations.untilDone(signal);
    for (const table of tables) {
      signal.throwIfAborted();
      await deleteFrom(table, piece, signal);
    }
  }

  return {
    drop: (piece, signal) => deleteFromAll(droppedTables, piece, signal),
    dropLate: (piece, signal) => deleteFromAll(lateTables, piece, signal),
  };
}

function conditionOf(
  { id, stored }: DroppedTable,
  { notes, statements }: { notes: string; statements: string },
): string {
  const ofOrganisation = 'organisation = {organisation:String}';
  const within = (column: string) =>
    `${column} BETWEEN toDateTime64({first:String}, 6, 'UTC') AND toDateTime64({last:String}, 6, 'UTC')`;
  const noted = (column: string) => `(SELECT ${column} FROM ${notes} WHERE ${ofPiece})`;
  return [
    ofOrganisation,
    ...(stored === undefined ? [] : [within(stored)]),
    ...(id === undefined
      ? [
          `stored IN ${noted('stored')}`,
          `stored NOT IN (SELECT stored FROM ${statements} WHERE ${ofOrganisation} AND ${within('stored')})`,
        ]
      : [`${id} IN ${noted('id')}`]),
  ].join(' AND ');
}
