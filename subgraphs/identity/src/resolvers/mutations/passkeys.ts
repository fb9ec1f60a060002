import { payload, requireLogin } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const passkeyMutations = {
  passkeyRegisterBegin: (_parent, { input }, context) =>
    payload(async () => ({
      options: await context.passkeys.begin(requireLogin(context), input),
    })),

  passkeyRegisterFinish: (_parent, { input }, context) =>
    payload(() => context.passkeys.finish(requireLogin(context), input)),

  passkeyRename: (_parent, { input: { id, name } }, context) =>
    payload(async () => ({ passkey: await context.passkeys.rename(requireLogin(context), id, name) })),

  passkeyRemove: (_parent, { input }, context) =>
    payload(async () => ({
      passkeyId: await context.passkeys.remove(requireLogin(context), input),
    })),

  passkeyLoginBegin: (_parent, _args, { passkeyLogins }) =>
    payload(async () => ({ options: await passkeyLogins.begin() })),

  passkeyLoginFinish: (_parent, { input }, { passkeyLogins }) =>
    payload(async () => ({ tokens: await passkeyLogins.finish(input.response) })),
} satisfies MutationResolvers;
