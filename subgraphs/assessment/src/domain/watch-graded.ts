import { mapIterator } from '@lyceum/events';
import { notFound, type Viewer } from '@lyceum/service';
import type { GradedAttempt, GradedAttempts } from '../events/graded-attempts.ts';
import type { Attempt, AttemptScope } from '../store/attempts.ts';
import type { Database } from '../store/store.ts';
import type { Assessments } from './assessments.ts';

interface Watch {
  readonly viewer: Viewer;
  /** Whose attempts the viewer sees. */
  readonly scope: AttemptScope;
  readonly assessmentId: string | undefined;
}

interface Sources {
  readonly store: Database;
  readonly assessments: Assessments;
  readonly live: GradedAttempts;
}

/** Attempts within the scope, each when it is graded, from now on. @throws NOT_FOUND (the assessment) */
export async function watchGraded(
  { store, assessments, live }: Sources,
  { viewer, scope, assessmentId }: Watch,
): Promise<AsyncIterableIterator<Attempt>> {
  if (assessmentId !== undefined) {
    const [found] = await assessments.readable(viewer, [assessmentId]);
    if (!found) throw notFound('assessment', assessmentId, ['assessmentId']);
  }
  const graded = await live.subscribe(
    scope.organisationId,
    (attempt) =>
      mayBeWithin(scope, attempt) && (assessmentId === undefined || attempt.assessmentId === assessmentId),
  );
  return mapIterator(graded, async ({ attemptId }) => {
    const [attempt] = await store.attempts.selectMany(scope, [attemptId]);
    return attempt ?? null;
  });
}

/** Where the scope has groups, all may be: who is in them decides as the attempt is read, by that scope. */
function mayBeWithin({ only }: AttemptScope, { learnerId, courseId }: GradedAttempt): boolean {
  if (only === undefined || only.groupIds.length > 0) return true;
  return only.learnerIds.includes(learnerId) || only.courseIds.includes(courseId);
}
