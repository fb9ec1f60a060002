import type { ClickHouseSettings } from '@lyceum/clickhouse';
import {
  atPlaces,
  countQuery,
  selectLed,
  selectPlaces,
  type StatementPage,
  type SelectRows,
  type StatementPlace,
} from '@lyceum/xapi/query';
import type { Select } from './select.ts';
import { statementRow, type StatementRow } from './statement-row.ts';

/** Which statements of an organisation: xAPI's filter, and what narrows it further. */
export type StatementQuery = Pick<StatementPage, 'organisationId' | 'filter' | 'narrowing'>;

export type { StatementPage, StatementPlace };

const columns = 'toString(id) AS statementId, toString(stored) AS storedAt, statement AS text';

interface Columns {
  readonly statementId: string;
  readonly storedAt: string;
  readonly text: string;
}

const rowOf = ({ statementId, storedAt, text }: Columns) => statementRow(statementId, storedAt, text);

/** @param searchBytes how much a query that looks into texts may read (docs/decisions/0030-statements-in-the-graph.md) */
export function statementStore(select: Select, searchBytes: number) {
  const limits = ({ narrowing }: Pick<StatementQuery, 'narrowing'>) =>
    narrowing?.own.some((condition) => condition.includes('(statement,'))
      ? { max_bytes_to_read: String(searchBytes), read_overflow_mode: 'throw' as const }
      : {};

  const rowsWithin =
    (settings: ClickHouseSettings): SelectRows =>
    async ({ query, parameters }) =>
      (await select<Record<string, string>>(query, parameters, settings)).map(Object.values<string>);

  return {
    /** One page in its order; two queries: where its statements are, and the statements. */
    async selectPage(page: StatementPage): Promise<StatementRow[]> {
      const places = await selectPlaces(rowsWithin(limits(page)), page);
      if (places.length === 0) return [];
      const rows = await select<Columns>(`SELECT ${columns} FROM statements WHERE ${atPlaces(places)}`, {
        organisation: page.organisationId,
      });
      const byId = new Map(rows.map((row) => [row.statementId, row]));
      return places.flatMap(({ id }) => byId.get(id) ?? []).map(rowOf);
    },

    async count(asked: StatementQuery): Promise<number> {
      const { query, parameters } = countQuery(asked, await selectLed(rowsWithin({}), asked));
      const [row] = await select<{ found: number }>(query, parameters, limits(asked));
      return row?.found ?? 0;
    },

    /** By id, voided ones too: through the projection by_id to `stored`, by which the rows are found. */
    async selectMany(
      { organisationId, narrowing }: Pick<StatementQuery, 'organisationId' | 'narrowing'>,
      ids: readonly string[],
    ): Promise<StatementRow[]> {
      if (ids.length === 0) return [];
      const named = 'organisation = {organisation:String} AND id IN {ids:Array(UUID)}';
      const readable = ['1', ...(narrowing?.readable ?? [])].join(' AND ');
      const rows = await select<Columns>(
        `SELECT ${columns} FROM statements WHERE ${named}
         AND stored IN (SELECT stored FROM statements WHERE ${named}) AND ${readable} LIMIT {limit:UInt32}`,
        { ...narrowing?.parameters, organisation: organisationId, ids, limit: ids.length },
      );
      return rows.map(rowOf);
    },
  };
}
