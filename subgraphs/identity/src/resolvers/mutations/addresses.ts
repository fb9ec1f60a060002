import { payload, requireLogin } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const addressMutations = {
  emailChangeRequest: (_parent, { input }, context) =>
    payload(async () => ({ email: await context.emailChange.request(requireLogin(context), input) })),

  emailChangeConfirm: (_parent, { input }, { emailChange }) =>
    payload(async () => ({ changed: await emailChange.confirm(input.token) })),
} satisfies MutationResolvers;
