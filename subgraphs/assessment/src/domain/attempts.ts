import type { ConnectionSource } from '@lyceum/graphql';
import { conflict, notFound, type Viewer } from '@lyceum/service';
import type { AssessmentEvents } from '../events/assessment-events.ts';
import type { GradedAttempts } from '../events/graded-attempts.ts';
import type { Attempt, AttemptFilter } from '../store/attempts.ts';
import type { Response } from '../store/responses.ts';
import type { Database } from '../store/store.ts';
import { attemptsSeenBy } from './access.ts';
import { answerTo, type ResponseDraft } from './answer.ts';
import type { Assessments } from './assessments.ts';
import { beginAttempt, replayed } from './begin-attempt.ts';
import { checkedIdempotencyKey } from './checked-text.ts';
import { attemptClosed } from './errors.ts';
import { gradeAttempt } from './grade-attempt.ts';
import type { QuizPlaces } from './quiz-places.ts';
import { watchGraded } from './watch-graded.ts';

export type Attempts = ReturnType<typeof createAttempts>;

/** Attempts of learners: begun, answered, submitted once, graded. */
export function createAttempts(options: {
  store: Database;
  events: AssessmentEvents;
  quizPlaces: QuizPlaces;
  assessments: Assessments;
  live: GradedAttempts;
}) {
  const { store, events, quizPlaces } = options;
  return {
    /** Those of `ids` that the viewer may see. */
    readable: (viewer: Viewer, ids: readonly string[]) =>
      store.attempts.selectMany(attemptsSeenBy(viewer), ids),

    listed(viewer: Viewer, filter: AttemptFilter): ConnectionSource<Attempt> {
      const seen = attemptsSeenBy(viewer);
      return {
        rows: (page) => store.attempts.selectPage(seen, filter, page),
        key: ({ id }) => [id],
        count: () => store.attempts.count(seen, filter),
      };
    },

    /** The questions and responses of attempts that the viewer may see. */
    responses: (viewer: Viewer, attemptIds: readonly string[]): Promise<Response[]> =>
      store.responses.selectManyOfAttempts(viewer.organisationId, attemptIds),

    /** Attempts that the viewer may see, each when it is graded. @throws NOT_FOUND (the assessment) */
    gradedLive: (viewer: Viewer, assessmentId?: string) =>
      watchGraded(options, { viewer, scope: attemptsSeenBy(viewer), assessmentId }),

    /**
     * @throws INVALID, NOT_FOUND, NOT_ENROLLED, NOT_AVAILABLE, ATTEMPT_IN_PROGRESS, ATTEMPT_LIMIT_REACHED,
     * CONFLICT (the key began an attempt at another assessment)
     */
    async start(viewer: Viewer, input: { assessmentId: string; idempotencyKey: string }): Promise<Attempt> {
      const startKey = checkedIdempotencyKey(input.idempotencyKey);
      const { organisationId, userId } = viewer;
      const before = await store.attempts.selectOptionalByStartKey(organisationId, userId, startKey);
      if (before) return replayed(before, input.assessmentId);
      const place = await quizPlaces.placeFor(viewer, input.assessmentId);
      return store.transaction(async (tx) => {
        const { attempt, began } = await beginAttempt(tx, { learnerId: userId, startKey, place });
        if (began) await events.attemptStarted(tx, attempt, place);
        return attempt;
      });
    },

    /** @throws NOT_FOUND, INVALID, ATTEMPT_CLOSED */
    async answer(
      viewer: Viewer,
      input: { attemptId: string; questionId: string; response?: ResponseDraft | null | undefined },
    ): Promise<Attempt> {
      const { attemptId, questionId, response = null } = input;
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        const attempt = await tx.attempts.lock(ownOf(viewer), attemptId, 'SHARE');
        if (!attempt) throw unknownAttempt(attemptId);
        if (attempt.state !== 'IN_PROGRESS') throw attemptClosed();
        const asked = await tx.responses.selectOptional(organisationId, attemptId, questionId);
        if (!asked) throw notFound('question', questionId, ['input', 'questionId']);
        const answer = response && answerTo(asked.version.content, response);
        await tx.responses.updateAnswer(organisationId, attemptId, questionId, answer);
        return attempt;
      });
    },

    /** @throws INVALID, NOT_FOUND, CONFLICT (it was submitted with another key) */
    async submit(viewer: Viewer, input: { attemptId: string; idempotencyKey: string }): Promise<Attempt> {
      const submitKey = checkedIdempotencyKey(input.idempotencyKey);
      return store.transaction(async (tx) => {
        const attempt = await tx.attempts.lock(ownOf(viewer), input.attemptId, 'UPDATE');
        if (!attempt) throw unknownAttempt(input.attemptId);
        if (attempt.submitKey === submitKey) return attempt;
        if (attempt.state !== 'IN_PROGRESS')
          throw conflict('The attempt was submitted before, with another key.');
        const { graded, responses } = await gradeAttempt(tx, attempt, submitKey);
        await events.attemptGraded(tx, graded, responses);
        return graded;
      });
    },
  };
}

/** Whoever else may see an attempt, only its learner works on it. */
function ownOf(viewer: Viewer) {
  return { organisationId: viewer.organisationId, learnerId: viewer.userId };
}

function unknownAttempt(id: string) {
  return notFound('attempt', id, ['input', 'attemptId']);
}
