import {
  objectsWhereViewerMay,
  requirePermission,
  viewerMay,
  type PermissionName,
  type Viewer,
} from '@lyceum/service';
import type { AttemptScope } from '../store/attempts.ts';
import type { Store } from '../store/store.ts';

/** Whose attempts the viewer sees: one's own, those of some people and groups and in some courses, or everybody's of the organisation. */
export function attemptsSeenBy(viewer: Viewer): AttemptScope {
  const { organisationId, userId } = viewer;
  const on = (scope: 'course' | 'group' | 'user') => objectsWhereViewerMay(viewer, 'attempt.read', scope);
  const [courseIds, groupIds, observed] = [on('course'), on('group'), on('user')];
  if (courseIds === undefined || groupIds === undefined || observed === undefined) return { organisationId };
  const own = viewerMay(viewer, 'attempt.read.own') ? [userId] : [];
  return { organisationId, only: { learnerIds: [...own, ...observed], courseIds, groupIds } };
}

/**
 * Those of some objects that belong to assessments to whose courses the permission reaches.
 *
 * @param assessmentOf the assessment of an object, by its id
 */
export async function reachedBy<Row>(
  store: Store,
  viewer: Viewer,
  permission: PermissionName,
  { rows, assessmentOf }: { rows: readonly Row[]; assessmentOf: (row: Row) => string },
): Promise<Row[]> {
  if (viewerMay(viewer, permission)) return [...rows];
  if (objectsWhereViewerMay(viewer, permission, 'course')?.length === 0) return [];
  const ids = [...new Set(rows.map(assessmentOf))];
  const assessments = await store.assessments.selectMany(viewer.organisationId, ids);
  const reached = new Set(
    assessments
      .filter(({ courseId: course }) => viewerMay(viewer, permission, { course }))
      .map(({ id }) => id),
  );
  return rows.filter((row) => reached.has(assessmentOf(row)));
}

/** @throws DomainError FORBIDDEN where the permission does not reach one of these assessments. */
export async function requireReach(
  store: Store,
  viewer: Viewer,
  permission: PermissionName,
  assessmentIds: readonly string[],
): Promise<void> {
  const ids = [...new Set(assessmentIds)];
  const reached = await reachedBy(store, viewer, permission, { rows: ids, assessmentOf: (id) => id });
  if (reached.length < ids.length) requirePermission(viewer, permission);
}
