import { notFound, type Viewer } from '@lyceum/service';
import type { GradedAttempts } from '../events/graded-attempts.ts';
import type { Attempt, AttemptScope } from '../store/attempts.ts';
import type { Database } from '../store/store.ts';
import type { Assessments } from './assessments.ts';

interface Watch {
  readonly viewer: Viewer;
  /** Whose attempts the viewer sees. */
  readonly scope: AttemptScope;
  readonly assessmentId: string | undefined;
}

/** Attempts within the scope, each when it is graded. @throws NOT_FOUND (the assessment) */
export async function* watchGraded(
  sources: { store: Database; assessments: Assessments; live: GradedAttempts },
  { viewer, scope, assessmentId }: Watch,
): AsyncGenerator<Attempt> {
  const { store, assessments, live } = sources;
  if (assessmentId !== undefined) {
    const [found] = await assessments.readable(viewer, [assessmentId]);
    if (!found) throw notFound('assessment', assessmentId, ['assessmentId']);
  }
  const graded = live.subscribe(
    (attempt) =>
      attempt.organisationId === scope.organisationId &&
      (scope.learnerId === undefined || attempt.learnerId === scope.learnerId) &&
      (assessmentId === undefined || attempt.assessmentId === assessmentId),
  );
  for await (const { attemptId } of graded) yield* await store.attempts.selectMany(scope, [attemptId]);
}
