import { payload, requirePerson, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const peopleMutations = {
  userCreate: (_parent, { input }, context) =>
    payload(async () => ({ user: await context.users.create(requireViewer(context), input) })),

  membershipUpdate: (_parent, { input: { userId, roles } }, context) =>
    payload(async () => ({ user: await context.users.updateRoles(requireViewer(context), userId, roles) })),

  membershipRemove: (_parent, { input }, context) =>
    payload(async () => ({ userId: await context.users.remove(requireViewer(context), input.userId) })),

  userUpdate: (_parent, { input: { userId, name } }, context) =>
    payload(async () => {
      const viewer = userId == null ? requirePerson(context) : requireViewer(context);
      return { user: await context.users.rename(viewer, userId, name) };
    }),
} satisfies MutationResolvers;
