import type { MutationResolvers } from '../generated/resolver-types.ts';
import { deadLetterMutations } from './mutations/dead-letters.ts';

export const Mutation: Required<MutationResolvers> = {
  ...deadLetterMutations,
};
