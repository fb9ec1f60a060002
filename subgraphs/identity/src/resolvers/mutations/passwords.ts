import { payload, requireLogin } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const passwordMutations = {
  passwordChange: (_parent, { input }, context) =>
    payload(async () => ({
      endedSessions: await context.ownPassword.change(requireLogin(context), input),
    })),

  passwordResetRequest: (_parent, { input }, { passwordReset }) =>
    payload(async () => ({ email: await passwordReset.request(input) })),

  passwordReset: (_parent, { input }, { passwordReset }) =>
    payload(async () => ({ organisation: await passwordReset.reset(input) })),
} satisfies MutationResolvers;
