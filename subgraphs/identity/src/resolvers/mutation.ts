import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../generated/resolver-types.ts';

export const Mutation: MutationResolvers = {
  sessionCreate: (_parent, { input }, { sessions }) =>
    payload(async () => ({ tokens: await sessions.create(input) })),

  sessionRefresh: (_parent, { input }, { sessions }) =>
    payload(async () => ({ tokens: await sessions.refresh(input.refreshToken) })),

  sessionRevoke: (_parent, { input }, context) =>
    payload(async () => ({
      sessionId: await context.sessions.revoke(requireViewer(context), input.sessionId),
    })),

  sessionsRevoke: (_parent, { input }, context) =>
    payload(async () => ({
      ended: await context.sessions.revokeAll(requireViewer(context), input.keepCurrent),
    })),

  passwordChange: (_parent, { input }, context) =>
    payload(async () => ({
      endedSessions: await context.ownPassword.change(requireViewer(context), input),
    })),

  userCreate: (_parent, { input }, context) =>
    payload(async () => ({ user: await context.users.create(requireViewer(context), input) })),

  membershipUpdate: (_parent, { input: { userId, roles } }, context) =>
    payload(async () => ({ user: await context.users.updateRoles(requireViewer(context), userId, roles) })),

  membershipRemove: (_parent, { input }, context) =>
    payload(async () => ({ userId: await context.users.remove(requireViewer(context), input.userId) })),

  userUpdate: (_parent, { input: { userId, name } }, context) =>
    payload(async () => ({ user: await context.users.rename(requireViewer(context), userId, name) })),

  lrsKeyCreate: (_parent, { input }, context) =>
    payload(() => context.lrsKeys.create(requireViewer(context), input)),

  lrsKeyRevoke: (_parent, { input }, context) =>
    payload(async () => ({ lrsKey: await context.lrsKeys.revoke(requireViewer(context), input.id) })),
};
