import { attemptScore } from '../domain/attempt-score.ts';
import type { AttemptResolvers } from '../generated/resolver-types.ts';
import { present } from './present.ts';

export const Attempt: AttemptResolvers = {
  __resolveReference: ({ id }, { load }) => load.attempt.load(id),

  assessment: async ({ assessmentId }, _args, { load }) =>
    present(await load.referencedAssessment.load(assessmentId)),

  learner: ({ learnerId }) => ({ id: learnerId }),

  course: ({ courseId }) => ({ id: courseId }),

  item: ({ itemId }) => ({ id: itemId }),

  score: attemptScore,

  responses: ({ id }, _args, { load }) => load.responsesOfAttempt.load(id),
};
