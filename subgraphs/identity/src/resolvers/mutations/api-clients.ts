import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const apiClientMutations = {
  apiClientCreate: (_parent, { input }, context) =>
    payload(() => context.apiClients.create(requireViewer(context), input)),

  apiClientRotate: (_parent, { input }, context) =>
    payload(() => context.apiClients.rotate(requireViewer(context), input)),

  apiClientRevoke: (_parent, { input }, context) =>
    payload(async () => ({ apiClient: await context.apiClients.revoke(requireViewer(context), input.id) })),
} satisfies MutationResolvers;
