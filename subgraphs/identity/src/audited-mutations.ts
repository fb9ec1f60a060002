import type { MutationResolvers } from './generated/resolver-types.ts';

/** What stands in the audit log once a mutation has succeeded, and, as refused, once it was FORBIDDEN. */
export type AuditedMutation =
  | string
  /** Where nothing was changed there is no row; why that can be. */
  | { readonly act: string; readonly orNothing: string }
  /** Only refusals have a row; why that is enough. */
  | { readonly act: string; readonly unrecorded: string };

/**
 * The act of each mutation. One that is not here does not compile, and one that succeeds without a row for its act fails
 * (audit-of-mutations.ts): nothing is left out of the audit log unless it says here why.
 */
export const auditedMutations = {
  sessionCreate: {
    act: 'session.create',
    orNothing: 'a challenge is answered where a second factor is wanted, which has the row',
  },
  sessionChallengeAnswer: 'session.create',
  sessionChallengeEnrol: {
    act: 'totp.enrol',
    unrecorded: 'shows a secret that nothing knows until it is confirmed',
  },
  passkeyLoginBegin: { act: 'passkey.use', unrecorded: 'asks for a signature, of nobody yet' },
  passkeyLoginFinish: 'session.create',
  sessionCreateByCode: { act: 'session.create', orNothing: 'as of sessionCreate' },
  signOnLinkBegin: { act: 'federated-identity.link', unrecorded: 'answers where a browser is to go' },
  signOnLinkFinish: 'federated-identity.link',
  signOnLinkRemove: 'federated-identity.unlink',
  sessionRefresh: {
    act: 'session.refresh',
    unrecorded: 'comes every ten minutes of every session; a reuse has a row',
  },
  sessionSwitch: {
    act: 'session.switch',
    orNothing: 'a challenge is answered where a second factor is wanted, which has the row',
  },
  sessionRevoke: { act: 'session.revoke', orNothing: 'it may have ended' },
  sessionsRevoke: 'session.revoke-all',
  passwordChange: 'password.change',
  passwordResetRequest: { act: 'password.reset.request', orNothing: 'the address may have no account' },
  passwordReset: 'password.reset',
  emailChangeRequest: 'email.change.request',
  emailChangeConfirm: { act: 'email.change', orNothing: 'the other address may have to agree first' },
  userRegister: { act: 'user.register', unrecorded: 'nobody comes in before they used the link' },
  emailVerify: 'user.register',
  organisationCreate: 'organisation.create',
  organisationAdministratorInvite: 'organisation.administrator.invite',
  organisationUpdate: 'organisation.update',
  organisationSuspend: { act: 'organisation.suspend', orNothing: 'it may be suspended' },
  organisationReinstate: { act: 'organisation.reinstate', orNothing: 'it may be open' },
  organisationPlanUpdate: 'organisation.plan.update',
  organisationDomainClaim: { act: 'organisation.domain.claim', orNothing: 'it may have claimed it' },
  organisationDomainVerify: { act: 'organisation.domain.verify', orNothing: 'it may be verified' },
  organisationDomainRemove: 'organisation.domain.remove',
  organisationSettingsUpdate: 'organisation.settings-update',
  organisationPreferencesUpdate: 'organisation.preferences-update',
  registrationUpdate: 'organisation.registration.update',
  invitationCreate: 'invitation.create',
  invitationResend: 'invitation.resend',
  invitationRevoke: { act: 'invitation.revoke', orNothing: 'it may have been revoked' },
  invitationAccept: 'invitation.accept',
  userCreate: 'user.create',
  membershipUpdate: 'membership.update',
  membershipRemove: { act: 'membership.remove', orNothing: 'they may be out' },
  userDeactivate: { act: 'user.deactivate', orNothing: 'they may be deactivated' },
  userReactivate: { act: 'user.reactivate', orNothing: 'they may not be deactivated' },
  personalDataExport: { act: 'personal-data.export', orNothing: 'one may be under way' },
  personErase: { act: 'person.erase', orNothing: 'one may be under way' },
  observationCreate: 'observation.create',
  observationRemove: 'observation.remove',
  preferencesUpdate: {
    act: 'preferences.update',
    unrecorded: 'how somebody likes it is no act upon an account',
  },
  userUpdate: { act: 'user.update', orNothing: 'nothing may be another' },
  roleCreate: 'role.create',
  roleUpdate: 'role.update',
  roleDelete: 'role.delete',
  roleGrant: 'role.grant',
  roleRevoke: 'role.revoke',
  lrsKeyCreate: 'lrs-key.create',
  lrsKeyRotate: 'lrs-key.rotate',
  lrsKeyRevoke: { act: 'lrs-key.revoke', orNothing: 'it may have been revoked' },
  totpEnrolBegin: {
    act: 'totp.enrol',
    unrecorded: 'shows a secret that nothing knows until it is confirmed',
  },
  totpEnrolConfirm: 'totp.enrol',
  totpRemove: 'totp.remove',
  recoveryCodesRenew: 'recovery-codes.renew',
  passkeyRegisterBegin: {
    act: 'passkey.create',
    unrecorded: 'asks for a key, which is there once it is finished',
  },
  passkeyRegisterFinish: 'passkey.create',
  passkeyRename: 'passkey.update',
  passkeyRemove: 'passkey.delete',
  secondFactorPolicyUpdate: 'second-factor-policy.update',
  secondFactorsReset: 'second-factors.reset',
  profileUpdate: { act: 'user.update', orNothing: 'nothing may be another' },
  groupCreate: 'group.create',
  groupUpdate: { act: 'group.update', orNothing: 'nothing may be another' },
  groupDelete: 'group.delete',
  groupMembersAdd: { act: 'group.members-add', orNothing: 'they may all be in it' },
  groupMembersRemove: { act: 'group.members-remove', orNothing: 'none may be in it' },
  identityProviderCreate: 'identity-provider.create',
  identityProviderUpdate: 'identity-provider.update',
  identityProviderDelete: 'identity-provider.delete',
  signOnReturnsUpdate: 'sign-on-returns.update',
  apiClientCreate: 'api-client.create',
  apiClientRotate: 'api-client.rotate',
  apiClientRevoke: { act: 'api-client.revoke', orNothing: 'it may have been revoked' },
  personalAccessTokenCreate: 'personal-access-token.create',
  personalAccessTokenRevoke: { act: 'personal-access-token.revoke', orNothing: 'it may have been revoked' },
} satisfies Record<keyof MutationResolvers, AuditedMutation>;
