import type { MutationResolvers } from '../generated/resolver-types.ts';
import { assessmentMutations } from './mutations/assessments.ts';
import { questionMutations } from './mutations/questions.ts';
import { attemptMutations } from './mutations/attempts.ts';

export const Mutation: Required<MutationResolvers> = {
  ...assessmentMutations,
  ...questionMutations,
  ...attemptMutations,
};
