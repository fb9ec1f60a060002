import type { ClickHouseClient } from '@lyceum/clickhouse';
import { dueCondition, type DueRule, type StatementPlace } from '@lyceum/xapi/query';
import type { FoundStatement } from '../query/select-statements.ts';
import { clickHouseFailure } from '../query/unavailable-error.ts';

/** Whose statements a retention drops, and which. */
export interface DueRequest {
  readonly organisationId: string;
  readonly rules: readonly DueRule[];
}

/** Statements that are to be dropped, in order of (stored, id). All throw UnavailableError. */
export interface DueStatements {
  count(request: DueRequest): Promise<number>;
  /** The first behind a place, if there is one. */
  selectNext(request: DueRequest, after: StatementPlace | undefined): Promise<StatementPlace | undefined>;
  /** So many behind a place, of one month of `stored` (`2026-11`), some at a time, as ClickHouse sends them. */
  read(
    request: DueRequest,
    page: { month: string; after: StatementPlace | undefined; limit: number },
    signal: AbortSignal,
  ): AsyncGenerator<readonly FoundStatement[]>;
}

const behind = `stored >= toDateTime64({stored:String}, 6, 'UTC')
  AND (stored, id) > (toDateTime64({stored:String}, 6, 'UTC'), toUUID({id:String}))`;

const ofMonth = `toYYYYMM(stored) = {month:UInt32}`;

export function createDueStatements(clickHouse: ClickHouseClient): DueStatements {
  async function select(query: string, query_params: Record<string, unknown>): Promise<string[]> {
    try {
      const answer = await clickHouse.query({ query, query_params, format: 'TabSeparatedRaw' });
      return (await answer.text()).split('\n').slice(0, -1);
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  return {
    async count(request) {
      const { where, parameters } = boundTo(request, undefined);
      const [row] = await select(`SELECT count() FROM statements WHERE ${where}`, parameters);
      return Number(row);
    },

    async selectNext(request, after) {
      const { where, parameters } = boundTo(request, after);
      const query = `SELECT toString(stored), toString(id) FROM statements WHERE ${where} ORDER BY stored, id LIMIT 1`;
      const [row] = await select(query, parameters);
      const [stored = '', id = ''] = row?.split('\t') ?? [];
      return row === undefined ? undefined : { stored, id };
    },

    async *read(request, { month, after, limit }, signal) {
      const { where, parameters } = boundTo(request, after);
      const query = `SELECT toString(stored), toString(id), statement FROM statements WHERE ${where} AND ${ofMonth}
        ORDER BY stored, id LIMIT ${String(limit)}`;
      try {
        const answer = await clickHouse.query({
          query,
          query_params: { ...parameters, month: Number(month.replace('-', '')) },
          format: 'TabSeparatedRaw',
          // Blocks of rows that may be megabytes each.
          clickhouse_settings: { max_block_size: '512', log_queries: 0 },
          abort_signal: signal,
        });
        for await (const rows of answer.stream()) yield rows.map(({ text }) => foundOf(text));
      } catch (error) {
        throw signal.aborted ? error : clickHouseFailure(error);
      }
    },
  };
}

function boundTo({ organisationId, rules }: DueRequest, after: StatementPlace | undefined) {
  const { condition, parameters } = dueCondition(rules);
  const where = ['organisation = {organisation:String}', `(${condition})`, ...(after ? [behind] : [])];
  return {
    where: where.join(' AND '),
    parameters: {
      organisation: organisationId,
      ...parameters,
      ...(after && { stored: after.stored, id: after.id }),
    },
  };
}

function foundOf(row: string): FoundStatement {
  const [stored = '', id = ''] = row.split('\t', 2);
  return { stored, id, text: row.slice(stored.length + id.length + 2) };
}
