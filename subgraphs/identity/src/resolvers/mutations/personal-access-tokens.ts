import { payload, requireLogin } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const personalAccessTokenMutations = {
  personalAccessTokenCreate: (_parent, { input }, context) =>
    payload(() => context.personalAccessTokens.create(requireLogin(context), input)),

  personalAccessTokenRevoke: (_parent, { input }, context) =>
    payload(async () => ({
      personalAccessToken: await context.personalAccessTokens.revoke(requireLogin(context), input.id),
    })),
} satisfies MutationResolvers;
