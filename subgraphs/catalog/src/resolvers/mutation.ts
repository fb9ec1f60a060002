import type { MutationResolvers } from '../generated/resolver-types.ts';
import { courseMutations } from './mutations/courses.ts';
import { moduleMutations } from './mutations/modules.ts';
import { contentItemMutations } from './mutations/content-items.ts';

export const Mutation: Required<MutationResolvers> = {
  ...courseMutations,
  ...moduleMutations,
  ...contentItemMutations,
};
