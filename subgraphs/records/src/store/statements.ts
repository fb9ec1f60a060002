import type { Page } from '@lyceum/graphql';
import type { Select } from './select.ts';

/** A statement as readers get it. The instants are ISO 8601 in UTC, in microseconds. */
export interface StatementRow {
  readonly id: string;
  readonly stored: string;
  readonly timestamp: string;
  readonly verb: string;
  /** Empty where the object is not an activity. */
  readonly activity: string;
  /** agentKey of @lyceum/xapi; empty for an anonymous group. */
  readonly actor: string;
  readonly success: boolean | null;
  readonly completion: boolean | null;
  readonly scoreScaled: number | null;
  /** The statement's JSON. */
  readonly text: string;
}

/** Which statements of an organisation. */
export interface StatementScope {
  readonly organisationId: string;
  /** Keys of actors; undefined: of anybody. */
  readonly actors: readonly string[] | undefined;
  /** IRIs. */
  readonly verb: string | undefined;
  readonly activity: string | undefined;
  /** Exclusive and inclusive, as in xAPI (1.0.3 part 3, 2.1.3). */
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

/** A place in the list: `stored` as in StatementRow, and the id. */
export interface StatementPlace {
  readonly stored: string;
  readonly id: string;
}

export type StatementPage = Pick<Page, 'limit' | 'backward'> & {
  readonly after: StatementPlace | undefined;
  readonly before: StatementPlace | undefined;
};

const iso = (column: string) => `replaceOne(toString(${column}), ' ', 'T') || 'Z'`;
const columns = `toString(id) AS id, ${iso('stored')} AS storedAt, ${iso('timestamp')} AS happenedAt, verb, activity,
  actor, success, completion, score_scaled AS scoreScaled, statement AS text`;

type SelectedRow = Omit<StatementRow, 'stored' | 'timestamp'> & { storedAt: string; happenedAt: string };

export function statementStore(select: Select) {
  return {
    /** One page in the order of (stored, id), newest first; the other way round where `backward`. */
    async selectPage(scope: StatementScope, page: StatementPage): Promise<StatementRow[]> {
      const direction = page.backward ? 'ASC' : 'DESC';
      const rows = await select<SelectedRow>(
        `SELECT ${columns} FROM statements WHERE ${conditionsOf(scope, page).join(' AND ')}
         ORDER BY statements.stored ${direction}, statements.id ${direction} LIMIT {limit:UInt32}`,
        { ...parametersOf(scope, page), limit: page.limit },
      );
      return rows.map(rowOf);
    },

    async count(scope: StatementScope): Promise<number> {
      const rows = await select<{ count: number }>(
        `SELECT toFloat64(count()) AS count FROM statements WHERE ${conditionsOf(scope).join(' AND ')}`,
        parametersOf(scope),
      );
      return rows[0]?.count ?? 0;
    },

    /** By id: through the projection by_id to `stored`, by which the rows are found. */
    async selectMany(scope: StatementScope, ids: readonly string[]): Promise<StatementRow[]> {
      if (ids.length === 0) return [];
      const named = 'organisation = {organisation:String} AND id IN {ids:Array(UUID)}';
      const rows = await select<SelectedRow>(
        `SELECT ${columns} FROM statements WHERE ${conditionsOf(scope).join(' AND ')}
         AND statements.id IN {ids:Array(UUID)}
         AND statements.stored IN (SELECT stored FROM statements WHERE ${named}) LIMIT {limit:UInt32}`,
        { ...parametersOf(scope), ids, limit: ids.length },
      );
      return rows.map(rowOf);
    },
  };
}

function rowOf({ storedAt, happenedAt, ...row }: SelectedRow): StatementRow {
  return { ...row, stored: storedAt, timestamp: happenedAt };
}

function conditionsOf(scope: StatementScope, page?: StatementPage): string[] {
  const { actors, verb, activity, since, until } = scope;
  const given: [unknown, string][] = [
    [actors, 'statements.actor IN {actors:Array(String)}'],
    [verb, 'statements.verb = {verb:String}'],
    [activity, 'statements.activity = {activity:String}'],
    [since, `statements.stored > fromUnixTimestamp64Milli({since:Int64}, 'UTC')`],
    [until, `statements.stored <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')`],
    [page?.after, `(statements.stored, statements.id) < ${place('after')}`],
    [page?.before, `(statements.stored, statements.id) > ${place('before')}`],
  ];
  const asked = given.filter(([value]) => value !== undefined).map(([, condition]) => condition);
  return ['statements.organisation = {organisation:String}', ...asked];
}

/** The list runs backwards in time: what comes after a place was stored before it. */
function place(side: 'after' | 'before'): string {
  return `(toDateTime64({${side}Stored:String}, 6, 'UTC'), toUUID({${side}Id:String}))`;
}

function parametersOf(scope: StatementScope, page?: StatementPage): Record<string, unknown> {
  const { organisationId, actors, verb, activity, since, until } = scope;
  return {
    organisation: organisationId,
    actors,
    verb,
    activity,
    since: since?.getTime(),
    until: until?.getTime(),
    afterStored: clickHouseInstant(page?.after),
    afterId: page?.after?.id,
    beforeStored: clickHouseInstant(page?.before),
    beforeId: page?.before?.id,
  };
}

const clickHouseInstant = (at: StatementPlace | undefined) => at?.stored.replace('T', ' ').replace('Z', '');
