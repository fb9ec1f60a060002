import type { MutationResolvers } from '../generated/resolver-types.ts';
import { enrolmentMutations } from './mutations/enrolments.ts';

export const Mutation: Required<MutationResolvers> = {
  ...enrolmentMutations,
};
