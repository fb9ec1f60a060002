import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const groupMutations = {
  groupCreate: (_parent, { input }, context) =>
    payload(async () => ({ group: await context.groups.create(requireViewer(context), input) })),

  groupUpdate: (_parent, { input: { id, ...change } }, context) =>
    payload(async () => ({ group: await context.groups.update(requireViewer(context), id, change) })),

  groupDelete: (_parent, { input }, context) =>
    payload(async () => ({ groupId: await context.groups.delete(requireViewer(context), input.id) })),

  groupMembersAdd: (_parent, { input: { id, userIds } }, context) =>
    payload(async () => ({ group: await context.groups.addMembers(requireViewer(context), id, userIds) })),

  groupMembersRemove: (_parent, { input: { id, userIds } }, context) =>
    payload(async () => ({ group: await context.groups.removeMembers(requireViewer(context), id, userIds) })),
} satisfies MutationResolvers;
