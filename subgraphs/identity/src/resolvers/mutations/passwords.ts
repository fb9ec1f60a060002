import { payload, requireLogin } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const passwordMutations = {
  passwordChange: (_parent, { input }, context) =>
    payload(async () => ({
      endedSessions: await context.ownPassword.change(requireLogin(context), input),
    })),
} satisfies MutationResolvers;
