import type { StatementPlace } from './statement-filter.ts';

/**
 * Ends a query on `statements` that reads organisation, `stored` and id alone: the projection by_id has them too, in another
 * order, and ClickHouse prefers to read it whole.
 */
export const bySortingKey = 'SETTINGS optimize_use_projections = 0';

/**
 * Ends a query for a few rows in order: to filter by the rows found so far, and to read some columns only of those, pays where
 * many are passed, and to plan either costs a short query a third of its time.
 */
export const ofFewRows =
  'SETTINGS optimize_use_projections = 0, use_top_k_dynamic_filtering = 0, query_plan_optimize_lazy_materialization = 0';

/** Places as rows of a subquery, by the sorting key. As one string literal they are read ten times faster than as a list. */
export function placeRows(places: readonly StatementPlace[]): string {
  const rows = places.map(({ stored, id }) => `${stored}\t${id}`).join('\n');
  return `SELECT stored, id FROM format(TSV, 'stored DateTime64(6, \\'UTC\\'), id UUID', '${rows}')`;
}

/** Whether a row of `statements` is at one of the places, which ClickHouse has given: the rows of a page by their sorting key. */
export function atPlaces(places: readonly StatementPlace[]): string {
  const instants = places.map(({ stored }) => stored).sort();
  return `organisation = {organisation:String}
    AND stored BETWEEN toDateTime64('${instants[0] ?? ''}', 6, 'UTC') AND toDateTime64('${instants.at(-1) ?? ''}', 6, 'UTC')
    AND (stored, id) IN (${placeRows(places)})`;
}

/** Whether a row of `statements` was stored at one of the instants, as ClickHouse has written them. */
export function atInstants(instants: readonly string[]): string {
  return `organisation = {organisation:String} AND stored IN (
    SELECT stored FROM format(TSV, 'stored DateTime64(6, \\'UTC\\')', '${instants.join('\n')}'))`;
}
