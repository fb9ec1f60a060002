import { allow, can } from '@lyceum/graphql';

/** Who may call what. Ownership (whose session, whose address) is the domain's to check. */
export const permissions = {
  Query: {
    viewer: allow,
    user: can('user.read'),
    users: can('user.list'),
    organisation: can('organisation.read'),
    lrsKeys: can('lrs-key.read'),
    apiClients: can('api-client.read'),
    auditEvents: can('audit.read'),
  },
  Mutation: {
    sessionCreate: allow,
    sessionRefresh: allow,
    sessionRevoke: can('session.revoke.own'),
    sessionsRevoke: can('session.revoke.own'),
    passwordChange: can('password.change.own'),
    userCreate: can('user.create'),
    membershipUpdate: can('membership.update'),
    membershipRemove: can('membership.remove'),
    userUpdate: can('user.update.own', 'user.update'),
    lrsKeyCreate: can('lrs-key.create'),
    lrsKeyRotate: can('lrs-key.rotate'),
    lrsKeyRevoke: can('lrs-key.revoke'),
    apiClientCreate: can('api-client.create'),
    apiClientRotate: can('api-client.rotate'),
    apiClientRevoke: can('api-client.revoke'),
    personalAccessTokenCreate: can('personal-access-token.create.own'),
    personalAccessTokenRevoke: can('personal-access-token.revoke.own'),
  },
  Subscription: {},
};
