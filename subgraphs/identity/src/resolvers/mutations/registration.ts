import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const registrationMutations = {
  userRegister: (_parent, { input }, { registration }) =>
    payload(async () => ({ email: await registration.register(input) })),

  emailVerify: (_parent, { input }, { registration }) => payload(() => registration.verify(input)),

  registrationUpdate: (_parent, { input }, context) =>
    payload(async () => ({
      organisation: await context.registration.updateSettings(requireViewer(context), input),
    })),
} satisfies MutationResolvers;
