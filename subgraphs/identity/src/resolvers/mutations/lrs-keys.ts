import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const lrsKeyMutations = {
  lrsKeyCreate: (_parent, { input }, context) =>
    payload(() => context.lrsKeys.create(requireViewer(context), input)),

  lrsKeyRotate: (_parent, { input }, context) =>
    payload(() => context.lrsKeys.rotate(requireViewer(context), input)),

  lrsKeyRevoke: (_parent, { input }, context) =>
    payload(async () => ({ lrsKey: await context.lrsKeys.revoke(requireViewer(context), input.id) })),
} satisfies MutationResolvers;
