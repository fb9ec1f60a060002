import type { ClickHouseClient } from '@clickhouse/client';
import { timestampMicros } from '@lyceum/xapi';
import { agentIsActorOrObject, agentIsRelated } from './agent-condition.ts';
import type { StatementFilter, StatementPlace } from './statement-filter.ts';
import { clickHouseFailure } from './unavailable-error.ts';

/** A statement as it is given back: its text, and where it is in the order of `stored`. */
export interface FoundStatement extends StatementPlace {
  readonly text: string;
}

/** Which page is asked for. */
export interface StatementPage {
  readonly organisationId: string;
  readonly filter: StatementFilter;
  readonly after?: StatementPlace | undefined;
  readonly limit: number;
}

/** A page that was found, and whether there is more behind it. */
export interface FoundPage {
  readonly statements: readonly FoundStatement[];
  readonly further: boolean;
}

/** What readers of ClickHouse need: every query is bound to one organisation, and throws UnavailableError. */
export interface StatementReader {
  /**
   * One page in order of (stored, id), newest first unless ascending: `limit` statements, or as many as make 4 MiB, but
   * one at least.
   */
  selectPage(page: StatementPage): Promise<FoundPage>;
  /** A statement by id; `authority` as in StatementFilter. */
  selectOptional(organisationId: string, id: string, authority?: string): Promise<FoundStatement | null>;
  /** The `stored` of the organisation's newest statement here, as in StatementPlace. */
  selectNewestStored(organisationId: string): Promise<string | null>;
}

/** Where a page ends though its limit is not reached: a statement may have megabytes, and a page five hundred. */
const pageBytes = 4 * 2 ** 20;

const columns = 'toString(stored), toString(id), statement';

/** Rows of TabSeparatedRaw: the text has neither tabs nor line breaks. */
function readRows(rows: string): FoundStatement[] {
  if (rows === '') return [];
  return rows
    .trimEnd()
    .split('\n')
    .map((row) => {
      const [stored = '', id = '', text = ''] = row.split('\t');
      return { stored, id, text };
    });
}

/** Microseconds decide: `since` is exclusive, `until` inclusive, both exact (Communication 2.1.3). */
function instant(parameter: string): string {
  return `fromUnixTimestamp64Micro({${parameter}:Int64}, 'UTC')`;
}

function conditionsOf({ filter, after }: StatementPage): string[] {
  const { agent, relatedAgents, verb, activity, relatedActivities, registration, since, until, authority } =
    filter;
  const activityIs = relatedActivities
    ? 'has(related_activities, {activity:String})'
    : 'activity = {activity:String}';
  const further = `(stored, id) ${filter.ascending ? '>' : '<'} (toDateTime64({stored:String}, 6, 'UTC'), toUUID({id:String}))`;
  return [
    'organisation = {organisation:String}',
    ...(agent === undefined ? [] : [relatedAgents ? agentIsRelated : agentIsActorOrObject]),
    ...(verb === undefined ? [] : ['verb = {verb:String}']),
    ...(activity === undefined ? [] : [activityIs]),
    ...(registration === undefined ? [] : ['registration = {registration:UUID}']),
    ...(since === undefined ? [] : [`stored > ${instant('since')}`]),
    ...(until === undefined ? [] : [`stored <= ${instant('until')}`]),
    ...(authority === undefined ? [] : ['authority = {authority:String}']),
    ...(after === undefined ? [] : [further]),
  ];
}

/** What the queries of a page have in common. */
function partsOf(page: StatementPage): { order: string; conditions: string; limit: string } {
  const direction = page.filter.ascending ? 'ASC' : 'DESC';
  return {
    order: `stored ${direction}, id ${direction}`,
    conditions: conditionsOf(page).join(' AND '),
    limit: String(page.limit),
  };
}

function parametersOf({ organisationId, filter, after }: StatementPage): Record<string, unknown> {
  const { since, until, ...rest } = filter;
  return {
    organisation: organisationId,
    ...rest,
    ...after,
    ...(since === undefined ? {} : { since: timestampMicros(since).toString() }),
    ...(until === undefined ? {} : { until: timestampMicros(until).toString() }),
  };
}

export function createStatementReader(clickHouse: ClickHouseClient): StatementReader {
  async function select(query: string, query_params: Record<string, unknown>): Promise<string> {
    try {
      const answer = await clickHouse.query({ query, query_params, format: 'TabSeparatedRaw' });
      return await answer.text();
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }
  /** How many statements of a page to give. Their lengths are in a column of their own and quick to read. */
  async function selectFitting(page: StatementPage): Promise<number> {
    const { order, conditions, limit } = partsOf(page);
    const lengths = `SELECT stored, id, length(statement) AS bytes FROM statements WHERE ${conditions}
      ORDER BY ${order} LIMIT ${limit}`;
    const before = `sum(bytes) OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
    const query = `SELECT countIf(before < ${String(pageBytes)}) FROM (SELECT ${before} AS before FROM (${lengths}))`;
    return Number(await select(query, parametersOf(page)));
  }

  return {
    async selectPage(page) {
      const fitting = page.limit === 1 ? 1 : await selectFitting(page);
      if (fitting === 0) return { statements: [], further: false };
      const { order, conditions } = partsOf(page);
      // One more than is given says whether there is more.
      const query = `SELECT ${columns} FROM statements WHERE ${conditions}
        ORDER BY ${order} LIMIT ${String(fitting + 1)}`;
      const rows = readRows(await select(query, parametersOf(page)));
      return { statements: rows.slice(0, fitting), further: rows.length > fitting };
    },
    async selectOptional(organisationId, id, authority) {
      // First through the projection by_id, which has few columns; then the one row by its sorting key.
      const query = `SELECT ${columns} FROM statements WHERE organisation = {organisation:String} AND id = {id:UUID}
        AND stored IN (SELECT stored FROM statements WHERE organisation = {organisation:String} AND id = {id:UUID})
        ${authority === undefined ? '' : 'AND authority = {authority:String}'} LIMIT 1`;
      return readRows(await select(query, { organisation: organisationId, id, authority }))[0] ?? null;
    },
    async selectNewestStored(organisationId) {
      const query = `SELECT toString(stored) FROM statements WHERE organisation = {organisation:String}
        ORDER BY stored DESC LIMIT 1`;
      return (await select(query, { organisation: organisationId })).trimEnd() || null;
    },
  };
}
