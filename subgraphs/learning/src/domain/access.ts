import {
  objectsWhereViewerMay,
  requirePermission,
  viewerMay,
  type PermissionName,
  type Viewer,
} from '@lyceum/service';
import type { EnrolmentSight } from '../store/enrolments.ts';

/** What is done to a learner's learning. Each has a permission for one's own and one for that of others. */
export type LearningAct = 'enrolment.read' | 'enrolment.create' | 'enrolment.withdraw' | 'progress.read';

/** A learner's learning of a course. */
export interface Learning {
  readonly learnerId: string;
  /** Null: of whichever course, which takes a permission that holds for the learner or in the whole organisation. */
  readonly courseId: string | null;
}

export function mayDo(viewer: Viewer, act: LearningAct, { learnerId, courseId }: Learning): boolean {
  if (viewer.userId === learnerId && viewerMay(viewer, own(act))) return true;
  return viewerMay(viewer, act, { user: learnerId, ...(courseId === null ? {} : { course: courseId }) });
}

/** @throws DomainError FORBIDDEN */
export function requireMayDo(viewer: Viewer, act: LearningAct, learning: Learning): void {
  if (mayDo(viewer, act, learning)) return;
  requirePermission(viewer, viewer.userId === learning.learnerId ? own(act) : act);
}

/** Whose enrolments a list shows to the viewer. Undefined: everybody's. */
export function enrolmentsSeenBy(viewer: Viewer): EnrolmentSight | undefined {
  const courseIds = objectsWhereViewerMay(viewer, 'enrolment.read', 'course');
  const observed = objectsWhereViewerMay(viewer, 'enrolment.read', 'user');
  if (courseIds === undefined || observed === undefined) return undefined;
  const own = viewerMay(viewer, 'enrolment.read.own') ? [viewer.userId] : [];
  return { learnerIds: [...own, ...observed], courseIds };
}

/**
 * Of which courses the viewer sees a person's enrolments. Undefined: of all.
 *
 * @throws DomainError FORBIDDEN where they see none of them.
 */
export function coursesSeenOf(viewer: Viewer, learnerId: string): readonly string[] | undefined {
  if (mayDo(viewer, 'enrolment.read', { learnerId, courseId: null })) return undefined;
  const courseIds = objectsWhereViewerMay(viewer, 'enrolment.read', 'course');
  if (courseIds?.length === 0) requireMayDo(viewer, 'enrolment.read', { learnerId, courseId: null });
  return courseIds;
}

function own(act: LearningAct): PermissionName {
  return `${act}.own`;
}
