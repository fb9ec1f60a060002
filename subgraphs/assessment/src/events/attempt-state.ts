import type { AttemptState } from '@lyceum/events';
import { attemptScore } from '../domain/attempt-score.ts';
import type { Attempt } from '../store/attempts.ts';

/**
 * The attempt as it was after a change (schema/events/attempt.v1.json). Submitting grades at once, in one row; the two
 * events still tell of one change each.
 */
export function attemptAfter(
  type: 'attempt.started' | 'attempt.submitted' | 'attempt.graded',
  attempt: Attempt,
): AttemptState {
  const { id, assessmentId, courseId, itemId, learnerId, revision } = attempt;
  const common = {
    id,
    assessmentId,
    courseId,
    itemId,
    learnerId,
    startedAt: attempt.startedAt.toISOString(),
  };
  const ungraded = { score: null, passed: null, gradedAt: null };
  const submittedAt = attempt.submittedAt?.toISOString() ?? null;
  switch (type) {
    case 'attempt.started':
      return { ...common, ...ungraded, status: 'STARTED', submittedAt: null, revision };
    case 'attempt.submitted':
      return { ...common, ...ungraded, status: 'SUBMITTED', submittedAt, revision: revision - 1 };
    case 'attempt.graded':
      return { ...common, ...gradeOf(attempt), status: 'GRADED', submittedAt, revision };
  }
}

function gradeOf(attempt: Attempt) {
  const { passed, gradedAt } = attempt;
  return { score: attemptScore(attempt), passed, gradedAt: gradedAt?.toISOString() ?? null };
}
