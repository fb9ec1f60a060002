import type { AssessmentResolvers } from '../generated/resolver-types.ts';

export const Assessment: AssessmentResolvers = {
  __resolveReference: ({ id }, { load }) => load.assessment.load(id),

  course: ({ courseId }) => ({ id: courseId }),

  questionCount: async ({ id }, _args, { load }) =>
    (await load.assessmentTotals.load(id))?.questionCount ?? 0,

  maxScore: async ({ id }, _args, { load }) => (await load.assessmentTotals.load(id))?.maxScore ?? 0,

  questions: ({ id }, _args, { load }) => load.questionsOfAssessment.load(id),
};
