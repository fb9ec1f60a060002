import {
  objectsWhereViewerMay,
  requirePermission,
  viewerMay,
  type PermissionName,
  type Viewer,
} from '@lyceum/service';
import type { EnrolmentSight } from '../store/enrolments.ts';
import type { Store } from '../store/store.ts';

/** What is done to a learner's learning. Each has a permission for one's own and one for that of others. */
export type LearningAct = 'enrolment.read' | 'enrolment.create' | 'enrolment.withdraw' | 'progress.read';

/** A learner's learning of a course. */
export interface Learning {
  readonly learnerId: string;
  /** Null: of whichever course, which takes a permission that does not hold for a course alone. */
  readonly courseId: string | null;
}

/** Of these groups those that the learner is in. Asked only where it decides. */
export type GroupsOf = (learnerId: string, groupIds: readonly string[]) => Promise<readonly string[]>;

export const groupsFrom =
  (store: Pick<Store, 'groupMembers'>, { organisationId }: Viewer): GroupsOf =>
  async (learnerId, groupIds) => {
    const found = await store.groupMembers.selectManyOfUsers(organisationId, [learnerId], groupIds);
    return found.map(({ groupId }) => groupId);
  };

/** May they, without regard to the learner's groups? */
export function mayDo(viewer: Viewer, act: LearningAct, { learnerId, courseId }: Learning): boolean {
  if (viewer.userId === learnerId && viewerMay(viewer, own(act))) return true;
  return viewerMay(viewer, act, { user: learnerId, ...(courseId === null ? {} : { course: courseId }) });
}

/** May they, because the learner is in a group for which they may? */
export async function mayDoInGroup(
  viewer: Viewer,
  act: LearningAct,
  learnerId: string,
  groupsOf: GroupsOf,
): Promise<boolean> {
  const granted = objectsWhereViewerMay(viewer, act, 'group');
  if (granted === undefined || granted.length === 0) return false;
  return (await groupsOf(learnerId, granted)).length > 0;
}

/** @throws DomainError FORBIDDEN */
export async function requireMayDo(
  viewer: Viewer,
  act: LearningAct,
  learning: Learning,
  groupsOf: GroupsOf,
): Promise<void> {
  const { learnerId } = learning;
  if (mayDo(viewer, act, learning) || (await mayDoInGroup(viewer, act, learnerId, groupsOf))) return;
  requirePermission(viewer, viewer.userId === learnerId ? own(act) : act);
}

/** Whose enrolments a list shows to the viewer. Undefined: everybody's. */
export function enrolmentsSeenBy(viewer: Viewer): EnrolmentSight | undefined {
  const on = (scope: 'course' | 'group' | 'user') => objectsWhereViewerMay(viewer, 'enrolment.read', scope);
  const [courseIds, groupIds, observed] = [on('course'), on('group'), on('user')];
  if (courseIds === undefined || groupIds === undefined || observed === undefined) return undefined;
  const own = viewerMay(viewer, 'enrolment.read.own') ? [viewer.userId] : [];
  return { learnerIds: [...own, ...observed], courseIds, groupIds };
}

/**
 * Of which courses the viewer sees a person's enrolments. Undefined: of all.
 *
 * @throws DomainError FORBIDDEN where they see none of them.
 */
export async function coursesSeenOf(
  viewer: Viewer,
  learnerId: string,
  groupsOf: GroupsOf,
): Promise<readonly string[] | undefined> {
  const act = 'enrolment.read';
  if (mayDo(viewer, act, { learnerId, courseId: null })) return undefined;
  if (await mayDoInGroup(viewer, act, learnerId, groupsOf)) return undefined;
  const courseIds = objectsWhereViewerMay(viewer, act, 'course');
  if (courseIds?.length === 0) requirePermission(viewer, viewer.userId === learnerId ? own(act) : act);
  return courseIds;
}

function own(act: LearningAct): PermissionName {
  return `${act}.own`;
}
