// One table, a use of each operation: it is long because the schema is.
import { newId } from '@lyceum/service';
import { addressOf, type Ids } from './tenancy-objects.ts';

/** A document, and its variables with these ids in them. */
export type Operation = (ids: Ids) => readonly [document: string, variables: Record<string, unknown>];

const userErrors = 'userErrors { field message code }';

/** Every operation that is given an id, with a use of it that succeeds on one's own objects; more where ids exclude each other. */
export const operations: Readonly<Record<string, Operation>> = {
  'Query.user': ({ user }) => ['query ($id: ID!) { user(id: $id) { id name roles } }', { id: user }],
  'Query.organisation': ({ organisation }) => [
    'query ($id: ID!) { organisation(id: $id) { id name slug } }',
    { id: organisation },
  ],
  'Query.users': ({ group }) => [
    'query ($filter: UserFilter) { users(filter: $filter) { nodes { id } totalCount } }',
    { filter: { groupId: group } },
  ],
  'Query.group': ({ group }) => [
    'query ($id: ID!) { group(id: $id) { id name members { nodes { id } } } }',
    { id: group },
  ],
  'Query.userImport': ({ userImport }) => [
    'query ($id: ID!) { userImport(id: $id) { id state faults { nodes { line } totalCount } } }',
    { id: userImport },
  ],
  'Mutation.groupUpdate': ({ group }) => [
    `mutation ($input: GroupUpdateInput!) { groupUpdate(input: $input) { group { id } ${userErrors} } }`,
    { input: { id: group, description: 'Of another' } },
  ],
  'Mutation.groupMembersAdd': ({ group, user }) => [
    `mutation ($input: GroupMembersAddInput!) { groupMembersAdd(input: $input) { group { id } ${userErrors} } }`,
    { input: { id: group, userIds: [user] } },
  ],
  'Mutation.groupMembersRemove': ({ group, user }) => [
    `mutation ($input: GroupMembersRemoveInput!) { groupMembersRemove(input: $input) { group { id } ${userErrors} } }`,
    { input: { id: group, userIds: [user] } },
  ],
  'Mutation.groupDelete': ({ group }) => [
    `mutation ($input: GroupDeleteInput!) { groupDelete(input: $input) { groupId ${userErrors} } }`,
    { input: { id: group } },
  ],
  'Query.privacyJob': ({ privacyJob }) => [
    'query ($id: ID!) { privacyJob(id: $id) { id state user { id } parts { service } } }',
    { id: privacyJob },
  ],
  'Mutation.personalDataExport': ({ spareUser }) => [
    `mutation ($input: PersonalDataExportInput!) { personalDataExport(input: $input) { job { kind } ${userErrors} } }`,
    { input: { userId: spareUser } },
  ],
  'Mutation.personErase': ({ spareUser }) => [
    `mutation ($input: PersonEraseInput!) { personErase(input: $input) { job { kind } ${userErrors} } }`,
    { input: { userId: spareUser, email: addressOf(spareUser) } },
  ],
  'Query.auditEvents': ({ user, session }) => [
    'query ($filter: AuditEventFilter) { auditEvents(filter: $filter) { nodes { id act } } }',
    { filter: { actorId: user, subjectId: session } },
  ],
  'Mutation.sessionRevoke': ({ session }) => [
    `mutation ($input: SessionRevokeInput!) { sessionRevoke(input: $input) { sessionId ${userErrors} } }`,
    { input: { sessionId: session } },
  ],
  'Mutation.membershipUpdate': ({ user }) => [
    `mutation ($input: MembershipUpdateInput!) { membershipUpdate(input: $input) { user { id } ${userErrors} } }`,
    { input: { userId: user, roles: ['ADMIN'] } },
  ],
  'Mutation.membershipRemove': ({ user }) => [
    `mutation ($input: MembershipRemoveInput!) { membershipRemove(input: $input) { userId ${userErrors} } }`,
    { input: { userId: user } },
  ],
  'Mutation.organisationAdministratorInvite': ({ organisation }) => [
    `mutation ($input: OrganisationAdministratorInviteInput!) {
      organisationAdministratorInvite(input: $input) { organisation { id } ${userErrors} }
    }`,
    { input: { id: organisation, email: `${newId('head')}@lyceum.example` } },
  ],
  'Mutation.organisationSuspend': ({ organisation }) => [
    `mutation ($input: OrganisationSuspendInput!) { organisationSuspend(input: $input) { organisation { id } ${userErrors} } }`,
    { input: { id: organisation } },
  ],
  'Mutation.organisationReinstate': ({ organisation }) => [
    `mutation ($input: OrganisationReinstateInput!) { organisationReinstate(input: $input) { organisation { id } ${userErrors} } }`,
    { input: { id: organisation } },
  ],
  'Mutation.organisationPlanUpdate': ({ organisation }) => [
    `mutation ($input: OrganisationPlanUpdateInput!) { organisationPlanUpdate(input: $input) { organisation { id } ${userErrors} } }`,
    { input: { id: organisation, people: 10 } },
  ],
  'Mutation.organisationDomainVerify': ({ organisationDomain: domainId }) => [
    `mutation ($input: OrganisationDomainVerifyInput!) { organisationDomainVerify(input: $input) { domain { id } ${userErrors} } }`,
    { input: { domainId } },
  ],
  'Mutation.organisationDomainRemove': ({ organisationDomain: domainId }) => [
    `mutation ($input: OrganisationDomainRemoveInput!) { organisationDomainRemove(input: $input) { domainId ${userErrors} } }`,
    { input: { domainId } },
  ],
  'Mutation.userDeactivate': ({ user }) => [
    `mutation ($input: UserDeactivateInput!) { userDeactivate(input: $input) { user { id } ${userErrors} } }`,
    { input: { userId: user } },
  ],
  'Mutation.userReactivate': ({ user }) => [
    `mutation ($input: UserReactivateInput!) { userReactivate(input: $input) { user { id } ${userErrors} } }`,
    { input: { userId: user } },
  ],
  'Mutation.userUpdate': ({ user }) => [
    `mutation ($input: UserUpdateInput!) { userUpdate(input: $input) { user { id } ${userErrors} } }`,
    { input: { userId: user, name: 'Another Name' } },
  ],
  'Mutation.passkeyRename': ({ passkey }) => [
    `mutation ($input: PasskeyRenameInput!) { passkeyRename(input: $input) { passkey { id } ${userErrors} } }`,
    { input: { id: passkey, name: 'Another Name' } },
  ],
  'Mutation.passkeyRemove': ({ passkey }) => [
    `mutation ($input: PasskeyRemoveInput!) { passkeyRemove(input: $input) { passkeyId ${userErrors} } }`,
    { input: { id: passkey, currentPassword: 'lyceum-demo' } },
  ],
  'Mutation.secondFactorsReset': ({ user }) => [
    `mutation ($input: SecondFactorsResetInput!) { secondFactorsReset(input: $input) { user { id } ${userErrors} } }`,
    { input: { userId: user } },
  ],
  'Mutation.roleUpdate': ({ role }) => [
    `mutation ($input: RoleUpdateInput!) { roleUpdate(input: $input) { role { id } ${userErrors} } }`,
    { input: { id: role, name: 'Another Name', permissions: ['user.list'] } },
  ],
  'Mutation.roleDelete': ({ spareRole }) => [
    `mutation ($input: RoleDeleteInput!) { roleDelete(input: $input) { roleId ${userErrors} } }`,
    { input: { id: spareRole } },
  ],
  'Mutation.roleGrant': ({ user, spareRole }) => [
    `mutation ($input: RoleGrantInput!) { roleGrant(input: $input) { grant { id } ${userErrors} } }`,
    { input: { userId: user, roleId: spareRole, courseId: newId('course') } },
  ],
  'Mutation.roleGrant for a group': ({ user, group }) => [
    `mutation ($input: RoleGrantInput!) { roleGrant(input: $input) { grant { id } ${userErrors} } }`,
    { input: { userId: user, role: 'INSTRUCTOR', groupId: group } },
  ],
  'Mutation.roleRevoke': ({ grant }) => [
    `mutation ($input: RoleRevokeInput!) { roleRevoke(input: $input) { grantId ${userErrors} } }`,
    { input: { grantId: grant } },
  ],
  'Mutation.observationCreate': ({ observer, user }) => [
    `mutation ($input: ObservationCreateInput!) {
      observationCreate(input: $input) { observation { id } ${userErrors} } }`,
    { input: { observerId: observer, learnerId: user } },
  ],
  'Mutation.observationRemove': ({ observation }) => [
    `mutation ($input: ObservationRemoveInput!) { observationRemove(input: $input) { observationId ${userErrors} } }`,
    { input: { observationId: observation } },
  ],
  'Mutation.lrsKeyRotate': ({ lrsKey }) => [
    `mutation ($input: LrsKeyRotateInput!) { lrsKeyRotate(input: $input) { lrsKey { id } ${userErrors} } }`,
    { input: { id: lrsKey } },
  ],
  'Mutation.apiClientRotate': ({ apiClient }) => [
    `mutation ($input: ApiClientRotateInput!) { apiClientRotate(input: $input) { apiClient { id } ${userErrors} } }`,
    { input: { id: apiClient } },
  ],
  'Mutation.apiClientRevoke': ({ apiClient }) => [
    `mutation ($input: ApiClientRevokeInput!) { apiClientRevoke(input: $input) { apiClient { id } ${userErrors} } }`,
    { input: { id: apiClient } },
  ],
  'Mutation.identityProviderUpdate': ({ identityProvider }) => [
    `mutation ($input: IdentityProviderUpdateInput!) {
      identityProviderUpdate(input: $input) { identityProvider { id } ${userErrors} }
    }`,
    { input: { id: identityProvider, name: 'Another Name' } },
  ],
  'Mutation.signOnLinkBegin': ({ identityProvider: providerId }) => [
    `mutation ($input: SignOnLinkBeginInput!) { signOnLinkBegin(input: $input) { startUrl ${userErrors} } }`,
    { input: { providerId, returnTo: 'https://app.example.org/', currentPassword: 'lyceum-demo' } },
  ],
  'Mutation.signOnLinkRemove': ({ identityProvider: providerId, user: userId }) => [
    `mutation ($input: SignOnLinkRemoveInput!) { signOnLinkRemove(input: $input) { userId ${userErrors} } }`,
    { input: { providerId, userId, currentPassword: 'lyceum-demo' } },
  ],
  'Mutation.identityProviderDelete': ({ identityProvider }) => [
    `mutation ($input: IdentityProviderDeleteInput!) {
      identityProviderDelete(input: $input) { identityProviderId ${userErrors} }
    }`,
    { input: { id: identityProvider } },
  ],
  'Mutation.personalAccessTokenRevoke': ({ personalAccessToken }) => [
    `mutation ($input: PersonalAccessTokenRevokeInput!) {
      personalAccessTokenRevoke(input: $input) { personalAccessToken { id } ${userErrors} }
    }`,
    { input: { id: personalAccessToken } },
  ],
  'Mutation.lrsKeyRevoke': ({ lrsKey }) => [
    `mutation ($input: LrsKeyRevokeInput!) { lrsKeyRevoke(input: $input) { lrsKey { id } ${userErrors} } }`,
    { input: { id: lrsKey } },
  ],
  'Mutation.invitationResend': ({ invitation }) => [
    `mutation ($input: InvitationResendInput!) { invitationResend(input: $input) { invitation { id } ${userErrors} } }`,
    { input: { id: invitation } },
  ],
  'Mutation.invitationRevoke': ({ invitation }) => [
    `mutation ($input: InvitationRevokeInput!) { invitationRevoke(input: $input) { invitation { id } ${userErrors} } }`,
    { input: { id: invitation } },
  ],
};

/** Subscriptions, which have tests of their own. */
export const streams = ['Subscription.privacyJobChanged'];

/** The operation of a key of the table, which may have a remark. */
export const operationOf = (use: string) => use.split(' ')[0] ?? '';
