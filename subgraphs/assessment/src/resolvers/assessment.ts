import type { AssessmentResolvers } from '../generated/resolver-types.ts';

export const Assessment: AssessmentResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.assessments.load(id),
  course: ({ courseId }) => ({ id: courseId }),
  questionCount: async ({ id }, _args, { loaders }) =>
    (await loaders.assessmentTotals.load(id))?.questionCount ?? 0,
  maxScore: async ({ id }, _args, { loaders }) => (await loaders.assessmentTotals.load(id))?.maxScore ?? 0,
  questions: ({ id }, _args, { loaders }) => loaders.questionsOfAssessment.load(id),
};
