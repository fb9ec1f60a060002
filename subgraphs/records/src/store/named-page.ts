import { isLedTo, isOfAgents } from '@lyceum/xapi/query';
import type { Page } from '@lyceum/graphql';

/** A page of a list in the order of one text, which names each row. */
export type NamedPage = Pick<Page, 'limit' | 'backward'> & {
  readonly after: string | undefined;
  readonly before: string | undefined;
};

/** What statements somebody may read: agentKeys of their actors; undefined: all of the organisation. */
export interface Readers {
  readonly organisationId: string;
  readonly actors: readonly string[] | undefined;
}

/** The conditions of a page on the column that its rows are named by, its order, and both with their parameters. */
export function pageOn(column: string, { limit, backward, after, before }: NamedPage) {
  return {
    conditions: [
      ...(after === undefined ? [] : [`${column} > {after:String}`]),
      ...(before === undefined ? [] : [`${column} < {before:String}`]),
    ],
    order: `ORDER BY ${column} ${backward ? 'DESC' : 'ASC'} LIMIT {limit:UInt32}`,
    parameters: { limit, after, before },
  };
}

/**
 * That some statement which may be read has the value of `column`.
 *
 * @param inStatements what of a statement is such a value
 */
export function standsIn({ actors }: Readers, column: string, inStatements: string): string[] {
  if (actors === undefined) return [];
  return [`${column} IN (SELECT ${inStatements} FROM statements WHERE ${isReadable})`];
}

const isReadable = `organisation = {organisation:String} AND actor IN {readers:Array(String)}
  AND ${isLedTo(`${isOfAgents('readers')} AND direct`)}`;

/**
 * Some row, where some statement that may be read has a key (statement_keys).
 *
 * @param isKey the condition on the key, and on statements
 */
export function someNamed({ actors }: Readers, isKey: { key: string; statement: string }): string {
  return actors === undefined
    ? `SELECT 1 AS found FROM statement_keys WHERE organisation = {organisation:String} AND ${isKey.key} LIMIT 1`
    : `SELECT 1 AS found FROM statements WHERE ${isReadable} AND ${isKey.statement} LIMIT 1`;
}

/** Values of the conditions above. */
export function readersOf({ organisationId, actors }: Readers) {
  return { organisation: organisationId, readers: actors };
}
