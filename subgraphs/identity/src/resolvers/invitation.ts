import type { InvitationResolvers, Role } from '../generated/resolver-types.ts';

export const Invitation: InvitationResolvers = {
  __resolveReference: ({ id }, { load }) => load.invitation.load(id),

  roles: ({ roles }) => roles as Role[],

  state: (invitation, _args, { invitations }) => invitations.stateOf(invitation),
};
