import { payload, requireLogin, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const singleSignOnMutations = {
  sessionCreateByCode: (_parent, { input }, { signOnLogins }) =>
    payload(() => signOnLogins.withCode(input.code)),

  signOnLinkBegin: (_parent, { input }, context) =>
    payload(async () => ({ startUrl: await context.signOnLinks.begin(requireLogin(context), input) })),

  signOnLinkFinish: (_parent, { input }, context) =>
    payload(async () => ({ provider: await context.signOnLinks.finish(requireLogin(context), input.code) })),

  signOnLinkRemove: (_parent, { input }, context) =>
    payload(() => context.signOnUnlinking.remove(requireLogin(context), input)),

  identityProviderCreate: (_parent, { input }, context) =>
    payload(async () => ({
      identityProvider: await context.identityProviders.create(requireViewer(context), input),
    })),

  identityProviderUpdate: (_parent, { input }, context) =>
    payload(async () => ({
      identityProvider: await context.identityProviders.update(requireViewer(context), input),
    })),

  identityProviderDelete: (_parent, { input }, context) =>
    payload(async () => ({
      identityProviderId: await context.identityProviders.delete(requireViewer(context), input.id),
    })),

  signOnReturnsUpdate: (_parent, { input }, context) =>
    payload(async () => ({
      organisation: await context.returnAddresses.update(requireViewer(context), input.returns),
    })),
} satisfies MutationResolvers;
