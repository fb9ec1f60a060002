import { mapIterator, type LiveTopic } from '@lyceum/events';
import type { ConnectionSource } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import { agentKey, isUuid, verbs, type Statement } from '@lyceum/xapi';
import { isFoundBy } from '@lyceum/xapi/query';
import type { StatementRow } from '../store/statement-row.ts';
import type { Store } from '../store/store.ts';
import { learnersSeenBy } from './access.ts';
import type { Names } from './names.ts';
import {
  cursorKey,
  queryOf,
  readableBy,
  statementPage,
  type StatementFilter,
  type StatementOrder,
} from './statement-list.ts';
import { withinLimits } from './within-limits.ts';

/** A statement as the log receives it. */
export interface LiveStatement {
  readonly organisationId: string;
  readonly statement: StatementRow;
}

export type Statements = ReturnType<typeof createStatements>;

/** The learning records of an organisation, for those who may read them. */
export function createStatements({
  store,
  names,
  live,
}: {
  store: Store;
  names: Names;
  live: LiveTopic<LiveStatement>;
}) {
  return {
    /** Those of `ids` that the viewer may see. */
    readable: (viewer: Viewer, ids: readonly string[]): Promise<StatementRow[]> =>
      withinLimits(() => store.statements.selectMany(readableBy(names, viewer), ids.filter(isUuid))),

    /** The statements that the viewer finds, as the source of a connection. @throws INVALID, FORBIDDEN */
    listed(viewer: Viewer, filter: StatementFilter, order: StatementOrder): ConnectionSource<StatementRow> {
      const query = queryOf(names, viewer, filter);
      const whole = { ...query, filter: { ...query.filter, ascending: true } };
      return {
        rows: async (page) =>
          withinLimits(() => store.statements.selectPage(statementPage(query, order, page))),
        key: cursorKey,
        count: () => withinLimits(() => store.statements.count(whole)),
      };
    },

    /** The ids of the statements that void some of these, by the ids of what is voided (Data 2.3.2). */
    async voided(viewer: Viewer, rows: readonly StatementRow[]): Promise<Map<string, string>> {
      const voidable = rows.filter(({ statement }) => statement.verb.id !== verbs.voided);
      const authorities = new Map(voidable.map(({ id, statement }) => [id, authorityOf(statement)]));
      if (authorities.size === 0) return new Map();
      const { organisationId } = viewer;
      const found = await withinLimits(() => store.voids.selectMany(organisationId, [...authorities.keys()]));
      const voiding = found.filter((each) => each.any || each.authority === authorities.get(each.target));
      return new Map(voiding.reverse().map((each) => [each.target, each.id]));
    },
    /** Statements that the viewer may see, each when it is accepted. @throws INVALID */
    async received(
      viewer: Viewer,
      { activityId, verb }: { activityId?: string | null | undefined; verb?: string | null | undefined },
    ): Promise<AsyncIterableIterator<StatementRow>> {
      const asked = queryOf(names, viewer, { activity: activityId, verb });
      const accepts = acceptance(names, viewer, asked.filter);
      const received = await live.subscribe(viewer.organisationId, ({ statement }) => accepts(statement));
      return mapIterator(received, ({ statement }) => statement);
    },
  };
}

/** Whether the viewer may see a statement, and asked for it. @throws FORBIDDEN */
function acceptance(
  names: Names,
  viewer: Viewer,
  filter: ReturnType<typeof queryOf>['filter'],
): (row: StatementRow) => boolean {
  const seen = learnersSeenBy(viewer, null)?.flatMap((userId) => names.actorsOf(userId));
  return ({ statement }) =>
    (seen === undefined || seen.includes(agentKey(statement.actor) ?? '')) && isFoundBy(filter, statement);
}

function authorityOf({ authority }: Statement): string {
  return (authority && agentKey(authority)) ?? '';
}
