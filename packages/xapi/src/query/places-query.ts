import { conditionsOf, looksAtContents, parametersOf, type Source } from './statement-conditions.ts';
import type { StatementPage } from './statement-page.ts';

/** A query in ClickHouse's SQL with the values of its parameters. */
export interface BoundQuery {
  readonly query: string;
  readonly parameters: Record<string, unknown>;
}

/** The places (`place_stored`, `place_id`, as in StatementPlace) of a page's statements, in its order; its filter is the one of xAPI, Communication 2.1.3. */
export function placesQuery(page: StatementPage): BoundQuery {
  const direction = page.filter.ascending ? 'ASC' : 'DESC';
  const end = `ORDER BY stored ${direction}, id ${direction}`;
  const limit = `LIMIT ${String(page.limit)}`;
  const own = `SELECT stored, id FROM statements WHERE ${matching(page, 'statements')} ${end} ${limit}`;
  const query = looksAtContents(page.filter)
    ? `SELECT DISTINCT stored, id FROM (SELECT * FROM (${own}) UNION ALL
        SELECT * FROM (SELECT stored, id FROM statement_references WHERE ${matching(page, 'statement_references')}
          ${end} LIMIT 1 BY stored, id ${limit})) ${end} ${limit}`
    : own;
  return {
    query: `SELECT toString(stored) AS place_stored, toString(id) AS place_id FROM (${query})`,
    parameters: parametersOf(page),
  };
}

/** How many statements a filter finds, as `found`. */
export function countQuery(page: Omit<StatementPage, 'limit'>): BoundQuery {
  const whole = { ...page, limit: 0 };
  const own = `SELECT count() AS found FROM statements WHERE ${matching(whole, 'statements')}`;
  const ids = (source: Source) => `SELECT id FROM ${source} WHERE ${matching(whole, source)}`;
  const query = looksAtContents(page.filter)
    ? `${own} AND id NOT IN (${ids('statement_references')})
        UNION ALL SELECT uniqExact(id) AS found FROM (${ids('statement_references')})`
    : own;
  return { query: `SELECT toFloat64(sum(found)) AS found FROM (${query})`, parameters: parametersOf(whole) };
}

/**
 * What narrows beyond the standard is said of statements; of those that references lead to, it is looked up where they
 * are: few, and by their sorting key.
 */
function matching(page: StatementPage, source: Source): string {
  const conditions = conditionsOf(page, source);
  const { own = [], readable = [] } = page.narrowing ?? {};
  if (source === 'statements') return [conditions, ...own, ...readable].join(' AND ');
  const among = (columns: string, said: readonly string[]) =>
    said.length === 0
      ? []
      : [
          `(${columns}) IN (SELECT stored, id FROM statements WHERE organisation = {organisation:String}
            AND (stored, id) IN (SELECT ${columns} FROM statement_references WHERE ${conditions})
            AND ${said.join(' AND ')})`,
        ];
  return [
    conditions,
    ...among('stored, id', [...own, ...readable]),
    ...among('target_stored, target', readable),
  ].join(' AND ');
}
