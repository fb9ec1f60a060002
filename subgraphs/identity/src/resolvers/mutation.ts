import type { MutationResolvers } from '../generated/resolver-types.ts';
import { groupMutations } from './mutations/groups.ts';
import { lrsKeyMutations } from './mutations/lrs-keys.ts';
import { passwordMutations } from './mutations/passwords.ts';
import { peopleMutations } from './mutations/people.ts';
import { sessionMutations } from './mutations/sessions.ts';

export const Mutation: MutationResolvers = {
  ...sessionMutations,
  ...passwordMutations,
  ...peopleMutations,
  ...groupMutations,
  ...lrsKeyMutations,
};
