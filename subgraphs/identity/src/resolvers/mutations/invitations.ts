import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const invitationMutations = {
  invitationCreate: (_parent, { input }, context) =>
    payload(async () => ({ invitation: await context.invitations.create(requireViewer(context), input) })),

  invitationResend: (_parent, { input }, context) =>
    payload(async () => ({ invitation: await context.invitations.resend(requireViewer(context), input.id) })),

  invitationRevoke: (_parent, { input }, context) =>
    payload(async () => ({ invitation: await context.invitations.revoke(requireViewer(context), input.id) })),

  invitationAccept: (_parent, { input }, { invitations }) => payload(() => invitations.accept(input)),
} satisfies MutationResolvers;
