import { attemptScore } from '../domain/attempt-score.ts';
import type { AttemptResolvers } from '../generated/resolver-types.ts';
import { present } from './present.ts';

export const Attempt: AttemptResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.attempts.load(id),
  assessment: async ({ assessmentId }, _args, { loaders }) =>
    present(await loaders.referencedAssessments.load(assessmentId)),
  learner: ({ learnerId }) => ({ id: learnerId }),
  course: ({ courseId }) => ({ id: courseId }),
  item: ({ itemId }) => ({ id: itemId }),
  score: attemptScore,
  responses: ({ id }, _args, { loaders }) => loaders.responsesOfAttempt.load(id),
};
