import { atInstants, ofFewRows } from './at-places.ts';
import type { BoundQuery } from './places-query.ts';
import { keyConditionsOf, parametersOf } from './statement-conditions.ts';
import { leadsOf } from './statement-keys.ts';
import type { StatementPage } from './statement-page.ts';

/**
 * `stored`, and the bits of the text's length, of the next rows under the page's key, in no order; and a row of two empty
 * ones where the organisation has statements that may be found by what they refer to (reachingQuery). Null where statement_keys does not know all that is asked for.
 */
export function nextKeysQuery(page: StatementPage, rows: number): BoundQuery | null {
  const [lead, ...others] = leadsOf(page);
  const isPlain = page.filter.authority === undefined && page.narrowing === undefined;
  if (lead === undefined || others.length > 0 || !isPlain) return null;
  return {
    query: `SELECT toString(stored), toString(size) FROM (SELECT stored, size FROM statement_keys
        WHERE ${keyConditionsOf(page)} AND ${lead}
        ORDER BY stored ${page.filter.ascending ? 'ASC' : 'DESC'} LIMIT ${String(rows)})
      UNION ALL SELECT '', '' FROM (
        SELECT 1 FROM statement_references WHERE organisation = {organisation:String} LIMIT 1) ${ofFewRows}`,
    parameters: parametersOf(page),
  };
}

/** `stored`, id and text of all that was stored at some instants, and `1` where somebody has sent a voiding statement for it. */
export function textsQuery(organisation: string, instants: readonly string[]): BoundQuery {
  return {
    query: `SELECT toString(stored), toString(id), statement,
        toUInt8(id IN (SELECT target FROM voids WHERE organisation = {organisation:String}))
      FROM statements WHERE ${atInstants(instants)}`,
    parameters: { organisation },
  };
}
