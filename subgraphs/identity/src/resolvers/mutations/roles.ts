import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const roleMutations = {
  roleCreate: (_parent, { input }, context) =>
    payload(async () => ({ role: await context.roles.create(requireViewer(context), input) })),

  roleUpdate: (_parent, { input }, context) =>
    payload(async () => ({ role: await context.roles.update(requireViewer(context), input) })),

  roleDelete: (_parent, { input }, context) =>
    payload(async () => ({ roleId: await context.roles.delete(requireViewer(context), input.id) })),

  roleGrant: (_parent, { input }, context) =>
    payload(async () => ({ grant: await context.grants.grant(requireViewer(context), input) })),

  roleRevoke: (_parent, { input }, context) =>
    payload(async () => ({ grantId: await context.grants.revoke(requireViewer(context), input.grantId) })),

  observationCreate: (_parent, { input }, context) =>
    payload(async () => ({ observation: await context.observations.create(requireViewer(context), input) })),

  observationRemove: (_parent, { input }, context) =>
    payload(async () => ({
      observationId: await context.observations.remove(requireViewer(context), input.observationId),
    })),
} satisfies MutationResolvers;
