import { present } from './present.ts';
import type { QuestionResolvers } from '../generated/resolver-types.ts';

export const Question: QuestionResolvers = {
  __resolveReference: ({ id }, { load }) => load.question.load(id),

  assessment: async ({ assessmentId }, _args, { load }) =>
    present(await load.referencedAssessment.load(assessmentId)),

  version: ({ versionId }, _args, { load }) => load.questionVersion.load(versionId),
};
