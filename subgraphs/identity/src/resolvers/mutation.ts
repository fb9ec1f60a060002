import type { MutationResolvers } from '../generated/resolver-types.ts';
import { groupMutations } from './mutations/groups.ts';
import { addressMutations } from './mutations/addresses.ts';
import { invitationMutations } from './mutations/invitations.ts';
import { apiClientMutations } from './mutations/api-clients.ts';
import { lrsKeyMutations } from './mutations/lrs-keys.ts';
import { passkeyMutations } from './mutations/passkeys.ts';
import { passwordMutations } from './mutations/passwords.ts';
import { peopleMutations } from './mutations/people.ts';
import { registrationMutations } from './mutations/registration.ts';
import { privacyMutations } from './mutations/privacy.ts';
import { roleMutations } from './mutations/roles.ts';
import { secondFactorMutations } from './mutations/second-factors.ts';
import { personalAccessTokenMutations } from './mutations/personal-access-tokens.ts';
import { singleSignOnMutations } from './mutations/single-sign-on.ts';
import { sessionMutations } from './mutations/sessions.ts';

export const Mutation: Required<MutationResolvers> = {
  ...sessionMutations,
  ...singleSignOnMutations,
  ...passwordMutations,
  ...addressMutations,
  ...registrationMutations,
  ...invitationMutations,
  ...secondFactorMutations,
  ...passkeyMutations,
  ...peopleMutations,
  ...privacyMutations,
  ...groupMutations,
  ...roleMutations,
  ...lrsKeyMutations,
  ...apiClientMutations,
  ...personalAccessTokenMutations,
};
