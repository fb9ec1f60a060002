import { bySortingKey } from './at-places.ts';
import {
  conditionsOf,
  keyConditionsOf,
  looksAtContents,
  parametersOf,
  type Source,
} from './statement-conditions.ts';
import type { StatementFilter } from './statement-filter.ts';
import type { StatementPage } from './statement-page.ts';

/** A query in ClickHouse's SQL with the values of its parameters. */
export interface BoundQuery {
  readonly query: string;
  readonly parameters: Record<string, unknown>;
}

/** The part of all statements that a page is looked for in: where the next rows of statement_keys lead to. */
export interface Window {
  /** A condition of leadsOf. */
  readonly lead: string;
  /** Rows of statement_keys. */
  readonly rows: number;
  /** `stored` of the last row of the window before. */
  readonly behind: string | undefined;
  /** `stored` of the last of its rows, where there may be more. */
  readonly edge?: string | undefined;
}

/**
 * The places (`place_stored`, `place_id`, as in StatementPlace) of a page's statements, in its order, and the bytes of their
 * texts (`place_bytes`), 0 where that is not known; its filter is the one of xAPI, Communication 2.1.3.
 */
export function placesQuery(page: StatementPage, window?: Window): BoundQuery {
  const end = orderOf(page.filter, 'stored', 'id');
  const limit = `LIMIT ${String(page.limit)}`;
  const within = boundsOf(page, window);
  const led = window === undefined ? [] : [`stored IN (${nextKeys(page, window)})`];
  const own = `SELECT stored, id, length(statement) AS bytes FROM statements
    WHERE ${[...led, ...within, matching(page, 'statements')].join(' AND ')} ${end} ${limit}`;
  const query = looksAtContents(page.filter)
    ? `SELECT stored, id, max(bytes) AS bytes FROM (SELECT * FROM (${own}) UNION ALL
        SELECT * FROM (SELECT stored, id, 0 AS bytes FROM statement_references
          WHERE ${[...within, matching(page, 'statement_references')].join(' AND ')}
          ${end} LIMIT 1 BY stored, id ${limit})) GROUP BY stored, id ${end} ${limit}`
    : own;
  return {
    query: `SELECT toString(stored) AS place_stored, toString(id) AS place_id, toString(bytes) AS place_bytes
      FROM (${query}) ${bySortingKey}`,
    parameters: { ...parametersOf(page), ...edgesOf(window) },
  };
}

function boundsOf({ filter }: StatementPage, window: Partial<Window> = {}): string[] {
  const [before, behind] = filter.ascending ? ['<=', '>'] : ['>=', '<'];
  const instant = (name: string) => `toDateTime64({${name}:String}, 6, 'UTC')`;
  return [
    ...(window.behind === undefined ? [] : [`stored ${behind} ${instant('behind')}`]),
    ...(window.edge === undefined ? [] : [`stored ${before} ${instant('edge')}`]),
  ];
}

function edgesOf({ behind, edge }: Partial<Window> = {}): Record<string, string> {
  return { ...(behind !== undefined && { behind }), ...(edge !== undefined && { edge }) };
}

const orderOf = ({ ascending }: StatementFilter, ...columns: string[]) =>
  `ORDER BY ${columns.map((column) => `${column} ${ascending ? 'ASC' : 'DESC'}`).join(', ')}`;

/** Of rows of one instant some may be left out: it is looked at whole. */
function nextKeys(page: StatementPage, { lead, rows, behind }: Window): string {
  return `SELECT stored FROM statement_keys
    WHERE ${[keyConditionsOf(page), lead, ...boundsOf(page, { behind })].join(' AND ')}
    ${orderOf(page.filter, 'stored')} LIMIT ${String(rows)}`;
}

/** How many rows the window has (`rows`), and `stored` of the last of them (`edge`). */
export function windowQuery(page: StatementPage, window: Window): BoundQuery {
  const last = page.filter.ascending ? 'max' : 'min';
  return {
    query: `SELECT toString(count()) AS rows, toString(${last}(stored)) AS edge FROM (${nextKeys(page, window)})`,
    parameters: { ...parametersOf(page), ...edgesOf(window) },
  };
}

/** How many rows each of the leads has (`rows`), in their order. */
export function leadSizesQuery(page: StatementPage, leads: readonly string[]): BoundQuery {
  const sizes = leads.map(
    (lead) => `(SELECT count() FROM statement_keys WHERE organisation = {organisation:String} AND ${lead})`,
  );
  return {
    query: `SELECT toString(arrayJoin([${sizes.join(', ')}])) AS rows`,
    parameters: parametersOf(page),
  };
}

/** Whether statements are found by what they refer to, as a row or none. */
export function reachingQuery(page: StatementPage): BoundQuery {
  return {
    query: `SELECT 1 AS found FROM statement_references WHERE ${matching(page, 'statement_references')} LIMIT 1`,
    parameters: parametersOf(page),
  };
}

/** How many statements a filter finds, as `found`; `led`: where they are, if that is known (isLedTo). */
export function countQuery(page: Omit<StatementPage, 'limit'>, led: readonly string[] = []): BoundQuery {
  const whole = { ...page, limit: 0 };
  const own = `SELECT count() AS found FROM statements WHERE ${[...led, matching(whole, 'statements')].join(' AND ')}`;
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
