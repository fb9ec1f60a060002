import { present } from './present.ts';
import type { QuestionResolvers } from '../generated/resolver-types.ts';

export const Question: QuestionResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.questions.load(id),
  assessment: async ({ assessmentId }, _args, { loaders }) =>
    present(await loaders.referencedAssessments.load(assessmentId)),
  version: ({ versionId }, _args, { loaders }) => loaders.questionVersions.load(versionId),
};
