import { domainEvent } from '@lyceum/events';
import { createOwnStatementWriter } from '@lyceum/xapi';
import type { ResponseWithGrade } from '../domain/grade-attempt.ts';
import type { QuizPlace } from '../domain/quiz-places.ts';
import type { Attempt } from '../store/attempts.ts';
import type { Course, QuizItem } from '../store/courses.ts';
import type { Store } from '../store/store.ts';
import { attemptAfter } from './attempt-state.ts';
import { gradedStatements, startedStatement, type AttemptPlace } from './attempt-statements.ts';

export type AssessmentEvents = ReturnType<typeof createAssessmentEvents>;

/** What assessment tells others, written to the outbox in the transaction of the change that it tells of. */
export function createAssessmentEvents({ publicUrl }: { publicUrl: string }) {
  const statementWriter = createOwnStatementWriter({ publicUrl });
  return {
    async attemptStarted(tx: Store, attempt: Attempt, { course, item }: QuizPlace): Promise<void> {
      const statement = startedStatement({ publicUrl, attempt, course, item });
      await tx.outbox.insert([
        eventOf('attempt.started', attempt),
        statementWriter.record(attempt.organisationId, [statement]),
      ]);
    },

    /** An attempt that was submitted and graded in one go: two events, and the statements of its responses. */
    async attemptGraded(tx: Store, attempt: Attempt, responses: readonly ResponseWithGrade[]): Promise<void> {
      const place = { publicUrl, attempt, ...(await placeOf(tx, attempt)) };
      await tx.outbox.insert([
        eventOf('attempt.submitted', attempt),
        eventOf('attempt.graded', attempt),
        statementWriter.record(attempt.organisationId, gradedStatements(place, responses)),
      ]);
    },
  };
}

function eventOf(type: 'attempt.started' | 'attempt.submitted' | 'attempt.graded', attempt: Attempt) {
  const { id: subject, organisationId: organisation } = attempt;
  return domainEvent({ type, subject, organisation, data: { attempt: attemptAfter(type, attempt) } });
}

/** The course and the item, with their titles as far as they are known: the item may be gone by now. */
async function placeOf(
  tx: Store,
  { organisationId, courseId, itemId }: Attempt,
): Promise<Pick<AttemptPlace, 'course' | 'item'>> {
  const course: Course | null = await tx.courses.selectOptional(organisationId, courseId);
  const item: QuizItem | null = await tx.courses.selectOptionalQuizItemById(organisationId, itemId);
  return { course: course ?? { id: courseId }, item: item ?? { id: itemId } };
}
