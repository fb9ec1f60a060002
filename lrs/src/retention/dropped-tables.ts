/** Where a statement that was dropped has rows, and by which of their columns they are its. */
export interface DroppedTable {
  readonly table: string;
  /** Columns of the id, and of the `stored` that belongs to it where the table has that. */
  readonly id?: string;
  readonly stored?: string;
  /** Whether it is in partitions by month of that `stored`, as `statements` is. */
  readonly byMonth?: true;
}

/**
 * What goes with a statement: a table of rows that are made from statements is added here, and nowhere else. Statements
 * come behind what is copied from them, so that what is made from them by looking at them is not left behind. A table
 * without ids comes behind them: there goes what no statement of that instant is left of.
 *
 * Of `voids` only what is voided: a voiding statement that goes must not bring back what it voided. What a statement
 * reaches through one that was dropped it still reaches: both ends are there.
 */
export const droppedTables: readonly DroppedTable[] = [
  { table: 'statement_references', id: 'target', stored: 'target_stored' },
  { table: 'statement_references', id: 'id', stored: 'stored', byMonth: true },
  { table: 'waiting_references', id: 'target' },
  { table: 'waiting_references', id: 'id', stored: 'stored' },
  { table: 'statements', id: 'id', stored: 'stored', byMonth: true },
  { table: 'statement_keys', stored: 'stored' },
  // Behind statements: without its note one that is there is not voided any more.
  { table: 'voids', id: 'target' },
];

/** What ingest may still write of a statement that it had read before it went. */
export const lateTables = droppedTables.filter(({ table }) => table !== 'statements');
