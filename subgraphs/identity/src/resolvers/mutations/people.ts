import { payload, requirePerson, requireViewer } from '@lyceum/graphql';
import type { Context } from '../../context.ts';
import type { ProfileChange } from '../../domain/profiles.ts';
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
    payload(async () => ({ user: await updateProfile(context, userId, change) })),

  profileUpdate: (_parent, { input }, context) =>
    payload(async () => ({ user: await updateProfile(context, null, input) })),
} satisfies MutationResolvers;

/** Of nobody named: the viewer's own, who must be a person. */
const updateProfile = (context: Context, userId: string | null | undefined, change: ProfileChange) =>
  context.profiles.update(userId == null ? requirePerson(context) : requireViewer(context), userId, change);
