import { mapIterator, type LiveTopic } from '@lyceum/events';
import type { ConnectionSource } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import { isUuid } from '@lyceum/xapi';
import type { StatementRow, StatementScope } from '../store/statements.ts';
import type { Store } from '../store/store.ts';
import type { Names } from './names.ts';
import { cursorKey, scopeOf, statementPage, wholeScope, type StatementFilter } from './statement-list.ts';
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
      withinLimits(() => store.statements.selectMany(wholeScope(names, viewer), ids.filter(isUuid))),

    /** The statements that the viewer finds, as the source of a connection. @throws INVALID, FORBIDDEN */
    listed(viewer: Viewer, filter: StatementFilter): ConnectionSource<StatementRow> {
      const scope = scopeOf(names, viewer, filter);
      return {
        rows: async (page) => withinLimits(() => store.statements.selectPage(scope, statementPage(page))),
        key: cursorKey,
        count: () => withinLimits(() => store.statements.count(scope)),
      };
    },

    /** Statements that the viewer may see, each when it is accepted. @throws INVALID */
    async received(
      viewer: Viewer,
      { activityId, verb }: { activityId?: string | null | undefined; verb?: string | null | undefined },
    ): Promise<AsyncIterableIterator<StatementRow>> {
      const scope: StatementScope = {
        ...wholeScope(names, viewer),
        verb: verb == null ? undefined : names.verbOf(['verb'], verb),
        activity: activityId == null ? undefined : names.activityOf(['activityId'], activityId),
      };
      const received = await live.subscribe(viewer.organisationId, ({ statement }) => isIn(scope, statement));
      return mapIterator(received, ({ statement }) => statement);
    },
  };
}

function isIn({ actors, verb, activity }: StatementScope, statement: StatementRow): boolean {
  return (
    (actors === undefined || actors.includes(statement.actor)) &&
    (verb === undefined || verb === statement.verb) &&
    (activity === undefined || activity === statement.activity)
  );
}
