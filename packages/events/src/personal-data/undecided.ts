import type { Sql } from '../sql.ts';
import type { TableDecisions } from './tables.ts';

/**
 * The tables and columns of a database that nobody has decided about, and decisions about what is not there: for the
 * test of each service, so that a new table or column fails it until somebody has.
 */
export async function undecided(sql: Sql, tables: TableDecisions): Promise<string[]> {
  const columns = await sql.query<{ table: string; column: string }>(
    `SELECT c.table_name AS table, c.column_name AS column
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE '\\_prisma%'
     ORDER BY 1, 2`,
    [],
  );
  const there = new Set(columns.flatMap(({ table, column }) => [table, `${table}.${column}`]));
  const decided = Object.entries(tables).flatMap(([name, table]) =>
    'what' in table
      ? [name, ...[...table.columns, ...Object.keys(table.withheld)].map((column) => `${name}.${column}`)]
      : [name],
  );
  const named = new Set(decided);
  return [
    ...[...there]
      .filter((name) => !named.has(name) && !isOfImpersonal(tables, name))
      .map((name) => `${name}: undecided`),
    ...decided.filter((name) => !there.has(name)).map((name) => `${name}: not there`),
  ];
}

const isOfImpersonal = (tables: TableDecisions, name: string) => {
  const table = tables[name.split('.')[0] ?? ''];
  return table !== undefined && 'nothing' in table;
};
