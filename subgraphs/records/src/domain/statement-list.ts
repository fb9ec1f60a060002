import type { CursorKey, Page } from '@lyceum/graphql';
import { invalid, type Viewer } from '@lyceum/service';
import { isUuid } from '@lyceum/xapi';
import type { StatementPage, StatementPlace, StatementRow, StatementScope } from '../store/statements.ts';
import { learnersSeenBy } from './access.ts';
import type { Names } from './names.ts';

export interface StatementFilter {
  readonly actor?: string | null | undefined;
  readonly verb?: string | null | undefined;
  readonly activity?: string | null | undefined;
  readonly since?: Date | null | undefined;
  readonly until?: Date | null | undefined;
}

/** What a viewer asked to see, within what they may see. @throws INVALID, FORBIDDEN */
export function scopeOf(names: Names, viewer: Viewer, filter: StatementFilter): StatementScope {
  const { verb, activity, since, until } = filter;
  return {
    ...wholeScope(names, viewer, filter.actor),
    verb: verb == null ? undefined : names.verbOf(['filter', 'verb'], verb),
    activity: activity == null ? undefined : names.activityOf(['filter', 'activity'], activity),
    since: since ?? undefined,
    until: until ?? undefined,
  };
}

/** Everything that the viewer may see of `actor`, or of all. @throws FORBIDDEN */
export function wholeScope(names: Names, viewer: Viewer, actor?: string | null): StatementScope {
  const learners = learnersSeenBy(viewer, actor);
  return {
    organisationId: viewer.organisationId,
    actors: learners?.flatMap((userId) => names.actorsOf(userId)),
    verb: undefined,
    activity: undefined,
    since: undefined,
    until: undefined,
  };
}

export const cursorKey = ({ stored, id }: StatementRow): CursorKey => [stored, id];

/** @throws INVALID for a cursor of another list. */
export function statementPage({ limit, backward, after, before }: Page): StatementPage {
  return { limit, backward, after: placeOf('after', after), before: placeOf('before', before) };
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

function placeOf(argument: string, key: CursorKey | undefined): StatementPlace | undefined {
  if (key === undefined) return undefined;
  const [stored, id] = key;
  const ours = typeof stored === 'string' && typeof id === 'string' && instant.test(stored) && isUuid(id);
  if (!ours) throw invalid([argument], `${argument} is not a cursor that this list gave out.`);
  return { stored, id };
}
