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
  return [
    `${column} IN (SELECT ${inStatements} FROM statements
      WHERE organisation = {organisation:String} AND actor IN {readers:Array(String)})`,
  ];
}

/** Values of the conditions above. */
export function readersOf({ organisationId, actors }: Readers) {
  return { organisation: organisationId, readers: actors };
}
