import type { MutationResolvers } from '../generated/resolver-types.ts';
import { apiClientMutations } from './mutations/api-clients.ts';
import { lrsKeyMutations } from './mutations/lrs-keys.ts';
import { passwordMutations } from './mutations/passwords.ts';
import { peopleMutations } from './mutations/people.ts';
import { personalAccessTokenMutations } from './mutations/personal-access-tokens.ts';
import { sessionMutations } from './mutations/sessions.ts';

export const Mutation: MutationResolvers = {
  ...sessionMutations,
  ...passwordMutations,
  ...peopleMutations,
  ...lrsKeyMutations,
  ...apiClientMutations,
  ...personalAccessTokenMutations,
};
