import { allow, hasRole, signedIn } from '@lyceum/graphql';

/** Who may call what. Ownership (whose session, whose address) is the domain's to check. */
export const permissions = {
  Query: {
    viewer: allow,
    user: signedIn,
    users: hasRole('ADMIN', 'INSTRUCTOR'),
    organisation: signedIn,
    lrsKeys: hasRole('ADMIN'),
    apiClients: hasRole('ADMIN'),
    auditEvents: hasRole('ADMIN'),
  },
  Mutation: {
    sessionCreate: allow,
    sessionRefresh: allow,
    sessionRevoke: signedIn,
    sessionsRevoke: signedIn,
    passwordChange: signedIn,
    userCreate: hasRole('ADMIN'),
    membershipUpdate: hasRole('ADMIN'),
    membershipRemove: hasRole('ADMIN'),
    userUpdate: signedIn,
    lrsKeyCreate: hasRole('ADMIN'),
    lrsKeyRotate: hasRole('ADMIN'),
    lrsKeyRevoke: hasRole('ADMIN'),
    apiClientCreate: hasRole('ADMIN'),
    apiClientRotate: hasRole('ADMIN'),
    apiClientRevoke: hasRole('ADMIN'),
    personalAccessTokenCreate: signedIn,
    personalAccessTokenRevoke: signedIn,
  },
  Subscription: {},
};
