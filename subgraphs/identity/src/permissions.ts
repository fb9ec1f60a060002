import { allow, can } from '@lyceum/graphql';

/** Who may call what. Ownership (whose session, whose address) is the domain's to check. */
export const permissions = {
  Query: {
    viewer: allow,
    user: can('user.read'),
    users: can('user.list'),
    organisation: can('organisation.read'),
    lrsKeys: can('lrs-key.read'),
    invitations: can('invitation.read'),
    auditEvents: can('audit.read'),
  },
  Mutation: {
    sessionCreate: allow,
    sessionRefresh: allow,
    sessionRevoke: can('session.revoke.own'),
    sessionsRevoke: can('session.revoke.own'),
    passwordChange: can('password.change.own'),
    passwordResetRequest: allow,
    passwordReset: allow,
    emailChangeRequest: can('email.change.own'),
    emailChangeConfirm: allow,
    userRegister: allow,
    emailVerify: allow,
    registrationUpdate: can('organisation.registration.update'),
    invitationCreate: can('invitation.create'),
    invitationResend: can('invitation.create'),
    invitationRevoke: can('invitation.revoke'),
    invitationAccept: allow,
    userCreate: can('user.create'),
    membershipUpdate: can('membership.update'),
    membershipRemove: can('membership.remove'),
    userUpdate: can('user.update.own', 'user.update'),
    lrsKeyCreate: can('lrs-key.create'),
    lrsKeyRevoke: can('lrs-key.revoke'),
  },
  Subscription: {},
};
