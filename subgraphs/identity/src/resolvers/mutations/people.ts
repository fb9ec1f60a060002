import { payload, requirePerson, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const peopleMutations = {
  userCreate: (_parent, { input }, context) =>
    payload(async () => ({ user: await context.users.create(requireViewer(context), input) })),

  membershipUpdate: (_parent, { input: { userId, roles } }, context) =>
    payload(async () => ({ user: await context.users.updateRoles(requireViewer(context), userId, roles) })),

  membershipRemove: (_parent, { input }, context) =>
    payload(async () => ({ userId: await context.users.remove(requireViewer(context), input.userId) })),

  userDeactivate: (_parent, { input }, context) =>
    payload(async () => ({
      user: await context.deactivation.deactivate(requireViewer(context), input.userId),
    })),

  userReactivate: (_parent, { input }, context) =>
    payload(async () => ({
      user: await context.deactivation.reactivate(requireViewer(context), input.userId),
    })),

  userUpdate: (_parent, { input: { userId, ...change } }, context) =>
    payload(async () => {
      const viewer = userId == null ? requirePerson(context) : requireViewer(context);
      return { user: await context.profiles.update(viewer, userId, change) };
    }),

  profileUpdate: (_parent, { input }, context) =>
    payload(async () => {
      const viewer = requirePerson(context);
      return { user: await context.profiles.update(viewer, viewer.userId, input) };
    }),
} satisfies MutationResolvers;
