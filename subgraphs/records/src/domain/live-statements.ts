import type { EventPlace, ResumableTopic } from '@lyceum/events';
import { invalid, type Viewer } from '@lyceum/service';
import { agentKey } from '@lyceum/xapi';
import { isFoundBy } from '@lyceum/xapi/query';
import type { StatementRow } from '../store/statement-row.ts';
import type { Store } from '../store/store.ts';
import { learnersSeenBy } from './access.ts';
import type { Names } from './names.ts';
import { queryOf, type StatementFilter } from './statement-list.ts';
import { hasWords, needlesOf } from './text-search.ts';

/** A statement as the log receives it. */
export interface LiveStatement {
  readonly organisationId: string;
  readonly statement: StatementRow;
  readonly place: EventPlace;
}

export type LiveStatements = ReturnType<typeof createLiveStatementList>;

/** Statements that the viewer may see, each when it is accepted. */
export function createLiveStatementList({
  store,
  names,
  live,
}: {
  store: Store;
  names: Names;
  live: ResumableTopic<LiveStatement>;
}) {
  /** As ClickHouse has them, which knows of erasures; what it does not have yet, as the log does. */
  async function refreshed(
    organisationId: string,
    missed: readonly LiveStatement[],
  ): Promise<readonly LiveStatement[]> {
    const ids = missed.map(({ statement }) => statement.id);
    const rows = await store.statements.selectMany({ organisationId }, ids);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return missed.map((each) => ({ ...each, statement: byId.get(each.statement.id) ?? each.statement }));
  }

  return {
    /**
     * From now on, or what follows the event with the cursor `after`, and then from now on.
     *
     * @throws INVALID, FORBIDDEN, CURSOR_EXPIRED
     */
    async received(
      viewer: Viewer,
      filter: StatementFilter,
      after: string | null | undefined,
    ): Promise<AsyncIterableIterator<LiveStatement>> {
      for (const field of ['since', 'until'] as const) {
        if (filter[field] != null)
          throw invalid(
            ['filter', field],
            `${field} is for lists: what is received goes on behind \`after\`.`,
          );
      }
      const { organisationId } = viewer;
      const accepts = acceptance(names, viewer, filter);
      if (after == null) return live.subscribe(organisationId, accepts);
      const refresh = (missed: readonly LiveStatement[]) => refreshed(organisationId, missed);
      return live.resume({ organisationId, accepts, after, refresh });
    },
  };
}

/** Whether the viewer may see a statement, and asked for it. @throws INVALID, FORBIDDEN */
function acceptance(
  names: Names,
  viewer: Viewer,
  filter: StatementFilter,
): (received: LiveStatement) => boolean {
  const { filter: asked } = queryOf(names, viewer, filter);
  const seen = learnersSeenBy(viewer, null)?.flatMap((userId) => names.actorsOf(userId));
  const actors = filter.actor == null ? undefined : names.actorsOf(filter.actor);
  const words = filter.search == null ? [] : needlesOf(['filter', 'search'], filter.search);
  const isOneOf = (keys: readonly string[] | undefined, { statement }: StatementRow) =>
    keys === undefined || keys.includes(agentKey(statement.actor) ?? '');
  return ({ statement: row }) =>
    isOneOf(seen, row) &&
    isOneOf(actors, row) &&
    hasResult(filter, row) &&
    isFoundBy(asked, row.statement) &&
    hasWords(row.text, words);
}

function hasResult({ success, completion, score }: StatementFilter, { statement }: StatementRow): boolean {
  const { result } = statement;
  const scaled = result?.score?.scaled;
  const isWithin = (bound: number | null | undefined, holds: (scaled: number, bound: number) => boolean) =>
    bound == null || (scaled !== undefined && holds(scaled, bound));
  return (
    (success == null || success === result?.success) &&
    (completion == null || completion === result?.completion) &&
    isWithin(score?.from, (value, bound) => value >= bound) &&
    isWithin(score?.to, (value, bound) => value <= bound)
  );
}
