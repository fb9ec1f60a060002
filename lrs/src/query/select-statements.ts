import type { ClickHouseClient } from '@clickhouse/client';
import {
  agentHash,
  atPlaces,
  type BoundQuery,
  ofFewRows,
  isVoidedNow,
  selectPlaces,
  type SizedPlace,
  type StatementPage as AnyPage,
  type StatementPlace,
} from '@lyceum/xapi/query';
import { selectKeyedPage } from './keyed-page.ts';
import { clickHouseFailure } from './unavailable-error.ts';

/** A statement as it is given back: its text, and where it is in the order of `stored`. */
export interface FoundStatement extends StatementPlace {
  readonly text: string;
}

/** Which page is asked for; all pages of a query look at the same snapshot. */
export interface StatementPage extends AnyPage {
  readonly snapshot: string;
}

/** A page that was found, and whether there is more behind it. */
export interface FoundPage {
  readonly statements: readonly FoundStatement[];
  readonly further: boolean;
}

/** Which statement is asked for by its id. */
export interface StatementById {
  readonly organisationId: string;
  readonly id: string;
  /** As in StatementFilter. */
  readonly authority?: string | undefined;
  /** Only if it is voided, or only if it is not. */
  readonly voided: boolean;
}

/** What readers of ClickHouse need: every query is bound to one organisation, and throws UnavailableError. */
export interface StatementReader {
  /**
   * One page in order of (stored, id), newest first unless ascending: `limit` statements, or as many as make 4 MiB, but
   * one at least.
   */
  selectPage(page: StatementPage): Promise<FoundPage>;
  selectOptional(wanted: StatementById): Promise<FoundStatement | null>;
  /** Whether a statement that is no voiding one, and of this authority, is voided, also if it is not here yet. */
  isVoided(organisationId: string, id: string, authority: string): Promise<boolean>;
  /**
   * The `stored` of a statement here, as in StatementPlace, the newest but for what is just being written: all that ingest
   * wrote before it is here, and under its keys.
   */
  selectNewestStored(organisationId: string): Promise<string | null>;
  /** Whether some of these statements are another authority's. */
  hasOthers(organisationId: string, ids: readonly string[], authority: string): Promise<boolean>;
}

/** Where a page ends though its limit is not reached: a statement may have megabytes, and a page five hundred. */
const pageBytes = 4 * 2 ** 20;

const columns = 'toString(stored), toString(id), statement';

/** Rows of TabSeparatedRaw: the text has neither tabs nor line breaks. */
function readRows(rows: string): string[][] {
  return rows
    .split('\n')
    .slice(0, -1)
    .map((row) => row.split('\t'));
}

function foundOf([stored = '', id = '', text = '']: string[]): FoundStatement {
  return { stored, id, text };
}

export function createStatementReader(clickHouse: ClickHouseClient): StatementReader {
  async function select(query: string, query_params: Record<string, unknown>): Promise<string[][]> {
    try {
      const answer = await clickHouse.query({ query, query_params, format: 'TabSeparatedRaw' });
      return readRows(await answer.text());
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  const selectBound = ({ query, parameters }: BoundQuery) => select(query, parameters);

  /** Their lengths are in a column of their own and quick to read. */
  async function selectLengths(organisationId: string, places: readonly StatementPlace[]) {
    const query = `SELECT toString(id), length(statement) FROM statements WHERE ${atPlaces(places)}`;
    return new Map(
      (await select(query, { organisation: organisationId })).map(([id = '', bytes]) => [id, Number(bytes)]),
    );
  }

  /** How many of these make the page. */
  async function selectFitting(organisationId: string, places: readonly SizedPlace[]): Promise<number> {
    const unsized = places.filter(({ bytes }) => bytes === 0);
    const lengths = unsized.length === 0 ? undefined : await selectLengths(organisationId, unsized);
    let before = 0;
    const end = places.findIndex(({ id, bytes }) => {
      if (before >= pageBytes) return true;
      before += lengths?.get(id) ?? bytes;
      return false;
    });
    return end < 0 ? places.length : end;
  }

  /** Where the statements of the page are, and of one more, which says whether there is more; then what they say. */
  async function selectPlacedPage(page: StatementPage): Promise<FoundPage> {
    const { organisationId, limit } = page;
    const places = await selectPlaces(selectBound, { ...page, limit: limit + 1 });
    if (places.length === 0) return { statements: [], further: false };
    const asked = places.slice(0, limit);
    const fitting = asked.length === 1 ? 1 : await selectFitting(organisationId, asked);
    const given = asked.slice(0, fitting);
    const query = `SELECT ${columns} FROM statements WHERE ${atPlaces(given)}`;
    const rows = (await select(query, { organisation: organisationId })).map(foundOf);
    const byId = new Map(rows.map((each) => [each.id, each]));
    return {
      statements: given.flatMap(({ id }) => byId.get(id) ?? []),
      further: places.length > fitting,
    };
  }

  return {
    async selectPage(page) {
      return (await selectKeyedPage(selectBound, page, pageBytes)) ?? selectPlacedPage(page);
    },
    async selectOptional({ organisationId, id, authority, voided }) {
      // First through the projection by_id, which has few columns; then the one row by its sorting key.
      const query = `SELECT ${columns} FROM statements WHERE organisation = {organisation:String} AND id = {id:UUID}
        AND stored IN (SELECT stored FROM statements WHERE organisation = {organisation:String} AND id = {id:UUID})
        AND ${voided ? '' : 'NOT'} ${isVoidedNow}
        ${authority === undefined ? '' : 'AND authority = {authority:String}'} LIMIT 1`;
      const [row] = await select(query, { organisation: organisationId, id, authority });
      return row === undefined ? null : foundOf(row);
    },
    async isVoided(organisationId, id, authority) {
      const query = `SELECT 1 FROM voids WHERE organisation = {organisation:String} AND target = {id:UUID}
        AND (any OR authority = {authority:String}) LIMIT 1`;
      return (await select(query, { organisation: organisationId, id, authority })).length > 0;
    },
    async selectNewestStored(organisationId) {
      // A block is in `statements` a moment before its keys are there, all at once; or after.
      const query = `WITH (SELECT groupArray((stored, toString(authority))) FROM (SELECT stored, authority FROM statements
          WHERE organisation = {organisation:String} ORDER BY stored DESC LIMIT 1)) AS newest
        SELECT toString(least(newest[1].1, stored)) FROM statement_keys
        WHERE organisation = {organisation:String} AND key = ${agentHash('newest[1].2')}
        ORDER BY stored DESC LIMIT 1 ${ofFewRows}`;
      const [[stored] = []] = await select(query, { organisation: organisationId });
      return stored ?? null;
    },
    async hasOthers(organisationId, ids, authority) {
      const wanted = `organisation = {organisation:String} AND id IN (${ids.map((id) => `'${id}'`).join(', ')})`;
      const query = `SELECT 1 FROM statements WHERE ${wanted} AND authority != {authority:String}
        AND stored IN (SELECT stored FROM statements WHERE ${wanted}) LIMIT 1`;
      return (await select(query, { organisation: organisationId, authority })).length > 0;
    },
  };
}
