import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { newId, ROLES, type Role } from '@lyceum/service';
import {
  entityTypes,
  idArguments,
  readSchema,
  graphqlClient,
  subscribe,
  type GraphQLClient,
} from '@lyceum/testing';
import pg from 'pg';
import {
  accept,
  askForAddress,
  confirmAddress,
  invite,
  register,
  requestReset,
  reset,
  setRegistration,
  verify,
} from './account-flows.ts';
import { startDnsServer, type DnsServer } from './dns-server.ts';
import {
  logIn,
  runIdentity,
  withStore,
  type Member,
  type Organisation,
  type RunningIdentity,
} from './identity.ts';
import { newestMail, tokenIn } from './mailbox.ts';
import { sql } from './sql.ts';

let dns: DnsServer;
let identity: RunningIdentity;
let owner: Organisation;
let stranger: Organisation;
let theirs: Ids;

beforeAll(async () => {
  dns = await startDnsServer();
  identity = await runIdentity({ DNS_SERVERS: dns.address });
  owner = await identity.organisation('owner');
  stranger = await identity.organisation('stranger');
  theirs = await idsOf(owner, await owner.member('LEARNER'));
});
afterAll(async () => {
  await identity.stop();
  await dns.stop();
});

/** One object of each kind. */
type Ids = Readonly<
  Record<
    | 'user'
    | 'organisation'
    | 'organisationDomain'
    | 'lrsKey'
    | 'session'
    | 'passkey'
    | 'group'
    | 'userImport'
    | 'invitation'
    | 'privacyJob'
    | 'spareUser'
    | 'role'
    | 'spareRole'
    | 'grant'
    | 'observer'
    | 'observation'
    | 'apiClient'
    | 'identityProvider'
    | 'personalAccessToken',
    string
  >
>;

interface Made {
  lrsKeyCreate: { lrsKey: { id: string } };
  groupCreate: { group: { id: string } };
  apiClientCreate: { apiClient: { id: string } };
  identityProviderCreate: { identityProvider: { id: string } };
}

let guests = 0;

/** A member, the session in which they ask, a passkey of theirs, their organisation, a key of it and an invitation to it. */
async function idsOf(organisation: Organisation, { userId, sessionId, ask }: Member): Promise<Ids> {
  const { id, admin } = organisation;
  const { data } = await admin<Made>(
    `mutation ($name: String!) {
      lrsKeyCreate(input: { name: "A key" }) { lrsKey { id } }
      groupCreate(input: { name: $name }) { group { id } }
      apiClientCreate(input: { name: "A client", permissions: ["user.list"] }) { apiClient { id } }
      identityProviderCreate(
        input: { name: "A provider", issuer: "https://login.example.org", clientId: "lyceum", clientSecret: "secret" }
      ) { identityProvider { id } }
      signOnReturnsUpdate(input: { returns: ["https://app.example.org/"] }) { organisation { id } }
    }`,
    { name: newId('named') },
  );
  await setRegistration(admin, 'BY_INVITATION');
  const { invitation } = await invite(admin, { email: `guest-${(guests += 1)}@lyceum.example` });
  const providerId = data.identityProviderCreate.identityProvider.id;
  const link = { organisationId: id, providerId, subject: userId, userId };
  await withStore(identity.databaseUrl, ({ federatedIdentities }) =>
    federatedIdentities.insertOptional(link),
  );
  return {
    user: userId,
    organisation: id,
    organisationDomain: await domainOf(admin),
    session: sessionId,
    passkey: await passkeyOf(id, userId),
    lrsKey: data.lrsKeyCreate.lrsKey.id,
    group: data.groupCreate.group.id,
    userImport: await importInto(id, userId),
    invitation: invitation!.id,
    privacyJob: await exportOf(id, userId),
    spareUser: await spareUserOf(id),
    apiClient: data.apiClientCreate.apiClient.id,
    identityProvider: data.identityProviderCreate.identityProvider.id,
    personalAccessToken: await tokenOf(ask),
    observer: (await organisation.member('OBSERVER')).userId,
    observation: await observationOf(admin, userId),
    ...(await rolesOf(admin, userId)),
  };
}

/** A claimed domain, of which the DNS says whose it is. */
async function domainOf(admin: GraphQLClient): Promise<string> {
  interface Claimed {
    organisationDomainClaim: { domain: { id: string; recordName: string; recordValue: string } };
  }
  const { data } = await admin<Claimed>(
    `mutation ($domain: String!) {
      organisationDomainClaim(input: { domain: $domain }) { domain { id recordName recordValue } }
    }`,
    { domain: `${newId('domain').replace('_', '-')}.example` },
  );
  const { id, recordName, recordValue } = data.organisationDomainClaim.domain;
  dns.say(recordName, [recordValue]);
  return id;
}

/** Past the API: who can use it does not matter here. */
async function passkeyOf(organisationId: string, userId: string): Promise<string> {
  const id = newId('passkey');
  const credential = { credentialId: id, publicKey: new Uint8Array(1), counter: 0n, transports: [] };
  const passkey = { id, organisationId, userId, userHandle: id, ...credential, synced: false, name: 'A key' };
  await withStore(identity.databaseUrl, ({ passkeys }) => passkeys.insertOptional(passkey));
  // They logged in with it.
  const methods = "UPDATE session SET methods = '{pwd,mfa}' WHERE user_id = $1";
  await sql(identity.databaseUrl, methods, [userId]);
  return id;
}

async function exportOf(organisationId: string, userId: string): Promise<string> {
  const job = { id: newId('privacyjob'), organisationId, userId, requestedBy: userId };
  const row = { ...job, kind: 'EXPORT', tellsPerson: false, emails: [] } as const;
  await withStore(identity.databaseUrl, ({ privacyJobs }) => privacyJobs.insertOptional(row, ['lrs']));
  return job.id;
}

const addressOf = (userId: string) => `${userId}@spare.example`;

/** Somebody who can be erased. */
async function spareUserOf(organisationId: string): Promise<string> {
  const id = newId('user');
  const email = addressOf(id);
  await withStore(identity.databaseUrl, async ({ users, memberships }) => {
    await users.insertOptional({ id, email, emailVerified: true });
    const name = 'Somebody Spare';
    const roles = ['LEARNER'];
    const password = { passwordHash: null, passwordGiven: false };
    await memberships.insertOptional({ organisationId, userId: id, name, email, ...password, roles });
  });
  return id;
}

async function tokenOf(ask: GraphQLClient): Promise<string> {
  const own = await ask<{ personalAccessTokenCreate: { personalAccessToken: { id: string } } }>(
    `mutation ($expiresAt: DateTime!) {
      personalAccessTokenCreate(input: { name: "A token", permissions: ["course.read"], expiresAt: $expiresAt }) {
        personalAccessToken { id }
      }
    }`,
    { expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
  );
  return own.data.personalAccessTokenCreate.personalAccessToken.id;
}

/** That an administrator observes somebody. */
async function observationOf(admin: GraphQLClient, learnerId: string): Promise<string> {
  const viewer = await admin<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
  const { data } = await admin<{ observationCreate: { observation: { id: string } } }>(
    'mutation ($input: ObservationCreateInput!) { observationCreate(input: $input) { observation { id } } }',
    { input: { observerId: viewer.data.viewer.user.id, learnerId } },
  );
  return data.observationCreate.observation.id;
}

/** A role that somebody holds, and one that nobody does. */
async function rolesOf(admin: GraphQLClient, userId: string) {
  const make = async () => {
    const { data } = await admin<{ roleCreate: { role: { id: string } } }>(
      'mutation ($name: String!) { roleCreate(input: { name: $name, permissions: ["user.list", "course.update"] }) { role { id } } }',
      { name: newId('name') },
    );
    return data.roleCreate.role.id;
  };
  const [role, spareRole] = [await make(), await make()];
  const { data } = await admin<{ roleGrant: { grant: { id: string } } }>(
    'mutation ($input: RoleGrantInput!) { roleGrant(input: $input) { grant { id } } }',
    { input: { userId, roleId: role } },
  );
  return { role, spareRole, grant: data.roleGrant.grant.id };
}

const unknown = (): Ids => ({
  user: newId('user'),
  organisation: newId('org'),
  organisationDomain: newId('domain'),
  lrsKey: newId('lrskey'),
  role: newId('role'),
  spareRole: newId('role'),
  grant: newId('grant'),
  observer: newId('user'),
  observation: newId('observation'),
  apiClient: newId('apiclient'),
  identityProvider: newId('idp'),
  personalAccessToken: newId('pat'),
  session: newId('session'),
  invitation: newId('invite'),
  privacyJob: newId('privacyjob'),
  spareUser: newId('user'),
  passkey: newId('passkey'),
  group: newId('group'),
  userImport: newId('import'),
});

/** An import of the organisation's, which has one at a time. */
async function importInto(organisationId: string, userId: string): Promise<string> {
  return withStore(identity.databaseUrl, async ({ imports }) => {
    const leasedUntil = new Date(Date.now() + 3_600_000);
    const job = { id: newId('import'), organisationId, userId, fileName: 'p.csv', dryRun: true, leasedUntil };
    const page = { limit: 1, after: undefined, before: undefined, backward: false };
    const begun = (await imports.insertOptional(job)) ?? (await imports.selectPage(organisationId, page))[0];
    return begun?.id ?? '';
  });
}

type Operation = (ids: Ids) => readonly [document: string, variables: Record<string, unknown>];

const userErrors = 'userErrors { field message code }';

/** Every operation that is given an id, with a use of it that succeeds on one's own objects; more where ids exclude each other. */
const operations: Readonly<Record<string, Operation>> = {
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
const streams = ['Subscription.privacyJobChanged'];

test("a subscription to another organisation's job is answered as one to a job that nothing has", async () => {
  const { accessToken } = await logIn(graphqlClient(identity.url), 'admin@lyceum.example');
  const codes = [];
  for (const id of [theirs.privacyJob, unknown().privacyJob]) {
    const query = 'subscription ($id: ID!) { privacyJobChanged(id: $id) { id } }';
    const live = subscribe(identity.url, query, { token: accessToken, variables: { id } });
    const { data, errors } = await live.next();
    codes.push(JSON.stringify([data, errors]).replaceAll(id, '…'));
    await live.close();
  }
  expect(codes[0]).toBe(codes[1]);
  expect(codes[0]).toContain('NOT_FOUND');
});

const operationOf = (use: string) => use.split(' ')[0] ?? '';

const valueAt = (variables: object, path: string) =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], variables);

test('the table has every operation of the schema that takes an id, and gives it each of them', async () => {
  const taking = idArguments(await readSchema((await owner.member('LEARNER')).ask));
  const uses = Object.keys(operations);
  expect([...new Set([...uses.map(operationOf), ...streams])].sort()).toEqual([...taking.keys()].sort());
  for (const [name, paths] of taking) {
    if (streams.includes(name)) continue;
    const given = uses
      .filter((use) => operationOf(use) === name)
      .map((use) => operations[use]!(unknown())[1]);
    // An argument of a query is the variable of the same name.
    for (const path of paths) {
      const value = given.map((variables) => valueAt(variables, path)).find((each) => each !== undefined);
      expect([name, path, value]).toEqual([name, path, expect.anything()]);
    }
  }
});

/** What a client is told, without the id that it asked for. */
async function answerTo(client: GraphQLClient, operation: Operation, ids: Ids): Promise<string> {
  const { data, errors } = await client<object>(...operation(ids));
  return Object.values(ids).reduce((text, id) => text.replaceAll(id, '…'), JSON.stringify({ data, errors }));
}

const everyRole: readonly (readonly Role[])[] = [...ROLES.map((role) => [role]), ROLES];

/** What there is to see of the owner's objects, as the owner sees it. */
async function ownersView(): Promise<unknown> {
  const { data } = await owner.admin(
    `query ($user: ID!) {
      user(id: $user) { name email roles createdAt } viewer { organisation { id name slug } }
      lrsKeys { nodes { id name revokedAt } } groups { nodes { id name description members { nodes { id } } } }
      invitations { nodes { id state expiresAt } } users { nodes { id name roles grants { id } } } roles { nodes { id name } }
      apiClients { nodes { id name revokedAt } } identityProviders { nodes { id name } }
    }`,
    { user: theirs.user },
  );
  return data;
}

/** These are about organisations, which who stands above them is not in. */
const aboveAll = new Set([
  'Mutation.organisationAdministratorInvite',
  'Mutation.organisationSuspend',
  'Mutation.organisationReinstate',
  'Mutation.organisationPlanUpdate',
]);

describe.each(Object.keys(operations))('%s', (name) => {
  const operation = operations[name]!;

  test("answers another organisation's id as one that nothing has, whatever the role", async () => {
    const before = await ownersView();
    for (const roles of everyRole) {
      const member = await stranger.member(...roles);
      const said = await answerTo(member.ask, operation, theirs);
      expect(said).toBe(await answerTo(member.ask, operation, unknown()));
      expect(said).toMatch(/"code":"(NOT_FOUND|FORBIDDEN)"|"nodes":\[\]/);
    }
    expect(await ownersView()).toEqual(before);
  });

  test("works on one's own objects, or for who stands above all on any organisation", async () => {
    if (aboveAll.has(name)) {
      expect(await answerOfAbove(operation)).toEqual([]);
      return;
    }
    const member = await stranger.member(...ROLES);
    const { data, errors } = await member.ask<Record<string, { userErrors?: unknown[] }>>(
      ...operation(await idsOf(stranger, member)),
    );
    expect(errors).toBeUndefined();
    // Nobody resets their own second factors.
    const refused = name === 'Mutation.secondFactorsReset' ? [{ code: 'CONFLICT' }] : [];
    expect(Object.values(data)[0]?.userErrors ?? []).toMatchObject(refused);
  });
});

/** What the platform is told of an operation on an organisation that it made; nothing is wrong. */
async function answerOfAbove(operation: Operation): Promise<unknown> {
  const platform = await identity.loggedIn('admin');
  const slug = newId('made').replace('_', '-');
  const made = await platform<{ organisationCreate: { organisation: { id: string } } }>(
    `mutation ($input: OrganisationCreateInput!) { organisationCreate(input: $input) { organisation { id } } }`,
    { input: { slug, name: 'Made', administratorEmail: `${slug}@lyceum.example` } },
  );
  const { id: organisation } = made.data.organisationCreate.organisation;
  const { data, errors } = await platform<Record<string, { userErrors: unknown[] }>>(
    ...operation({ ...unknown(), organisation }),
  );
  return errors ?? Object.values(data)[0]?.userErrors;
}

test("another organisation's people and keys are in no list", async () => {
  const elsewhere = await identity.organisation('elsewhere');
  const { ask, userId } = await elsewhere.member(...ROLES);
  const { data } = await ask<{ users: { nodes: { id: string }[]; totalCount: number } }>(
    `{ users { nodes { id } totalCount } lrsKeys { nodes { id } totalCount }
      invitations { nodes { id } totalCount } }`,
  );
  const none = { nodes: [], totalCount: 0 };
  expect(data).toMatchObject({ users: { totalCount: 2 }, lrsKeys: none, invitations: none });
  expect(data.users.nodes.map(({ id }) => id)).toContain(userId);
});

describe('entities', () => {
  const idOf: Readonly<Record<string, keyof Ids>> = {
    User: 'user',
    Organisation: 'organisation',
    LrsKey: 'lrsKey',
    Group: 'group',
    Invitation: 'invitation',
    PrivacyJob: 'privacyJob',
    CustomRole: 'role',
    ApiClient: 'apiClient',
  };

  test('are all in the table', async () => {
    expect(Object.keys(idOf).sort()).toEqual(
      entityTypes(await readSchema((await owner.member('LEARNER')).ask)).sort(),
    );
  });

  const find = async (client: GraphQLClient, type: string, id: string) => {
    const { data, errors } = await client<{ _entities: unknown[] }>(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { id __typename } } }`,
      { of: [{ __typename: type, id }] },
    );
    expect(errors).toBeUndefined();
    return data._entities;
  };

  test.each(Object.keys(idOf))('%s of another organisation is none, whatever the role', async (type) => {
    const id = theirs[idOf[type]!];
    for (const roles of everyRole) {
      expect(await find((await stranger.member(...roles)).ask, type, id)).toEqual([null]);
      // Roles are seen with role.read alone, and others' privacy jobs with privacy-job.read.
      const isSeen = !['CustomRole', 'PrivacyJob'].includes(type) || roles.includes('ADMIN');
      expect(await find((await owner.member(...roles)).ask, type, id)).toMatchObject([
        isSeen ? { id } : null,
      ]);
    }
  });
});

/** What the service sends to its tables, but for its outbox, while `work` runs. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const send = jest.spyOn(pg.Client.prototype, 'query');
  try {
    await work();
    const sent = send.mock.calls as unknown as [string | { text: string }][];
    const texts = sent.map(([query]) => (typeof query === 'string' ? query : query.text));
    return [...new Set(texts)].filter(
      (text) => /\b(FROM|INTO|UPDATE)\b/i.test(text) && !/\b(outbox|inbox)\b/.test(text),
    );
  } finally {
    send.mockRestore();
  }
}

/** Every way that leads through a link in a mail. */
async function walkThroughMails(admin: GraphQLClient, visitor: GraphQLClient): Promise<void> {
  await setRegistration(admin, 'OPEN');
  const [email, guest] = ['walker@lyceum.example', 'walking-guest@lyceum.example'];
  const given = { organisation: stranger.slug, name: 'Walker', email, password: 'lyceum-demo' };
  await register(visitor, given);
  await verify(visitor, tokenIn(await newestMail(identity, email)), 'lyceum-demo');
  await requestReset(visitor, { email });
  await reset(visitor, tokenIn(await newestMail(identity, email, 2)), 'lyceum-demo-2');
  const { accessToken } = await logIn(visitor, email, 'lyceum-demo-2');
  await askForAddress(graphqlClient(identity.url, accessToken), `new-${email}`, 'lyceum-demo-2');
  await confirmAddress(visitor, tokenIn(await newestMail(identity, `new-${email}`)));
  await invite(admin, { email: guest });
  await accept(visitor, tokenIn(await newestMail(identity, guest)), 'Guest', 'lyceum-demo');
}

/**
 * Accounts are no organisation's; and none is known yet of who logs in, registers, asks for a link, or shows a refresh
 * token, the token of a link, a passkey, or the token of a login that awaits one. Of a person the links are voided, and
 * the organisations counted, wherever they are.
 */
const ofNoOrganisation = [
  // What is in a file is its import's, which was looked up in the organisation; the worker takes on any's.
  /(FROM|INTO) "public"\."people_import_(fault|piece)" /,
  /UPDATE people_import SET state = 'RUNNING'/,
  // What belongs to a job that was looked up in the organisation; the worker takes on any's.
  /(FROM|INTO|UPDATE) "public"\."privacy_job_(part|piece)" /,
  /SELECT j\.id FROM privacy_job j\s+WHERE j\.state = 'RUNNING'/,
  /FROM "public"\."privacy_job" WHERE ("public"\."privacy_job"\."id" IN|1=0)/,
  /\bpersonal_data_work\b/,
  /FROM "user" t\s+WHERE \(t\.id = \$2\)/,
  // Of each act, its own: the function takes it out of the act.
  /audit_append/,
  // Guesses are counted before anybody is known.
  /guess_(limit|count)/,
  /counted_window/,
  /(FROM|UPDATE) "public"\."login_challenge" /,
  /FROM passkey_challenge WHERE /,
  /FROM "public"\."passkey" WHERE \("public"\."passkey"\."credential_id" = \$1 AND 1=1\)/,
  /(FROM|INTO) "public"\."(user|refresh_token)" /,
  /UPDATE "public"\."(user|refresh_token)" |FROM "user" WHERE id = /,
  /FROM membership\s+JOIN "user" .*\s+JOIN organisation .*\s+WHERE "user"\.email = \$1/,
  /FROM "public"\."membership" WHERE "public"\."membership"\."user_id" = \$1/,
  /FROM "public"\."session" WHERE \("public"\."session"\."id" = \$1 AND 1=1\)/,
  /"account_token" .*WHERE \(?"public"\."account_token"\."(hash" = |expires_at" < )/,
  /"account_token" .*WHERE \(.*"account_token"\."user_id" = /,
  /FROM "public"\."organisation" WHERE \("public"\."organisation"\."slug" = /,
  /(FROM|UPDATE|INTO) ("public"\.)?"?mail"?\b/,
];

/** Does the statement itself name whose rows it reads or writes? */
function namesOrganisation(statement: string): boolean {
  if (/^\s*(WITH \w+ AS \(\s*)?INSERT/i.test(statement)) return statement.includes('organisation_id');
  const [, condition = ''] = /\bWHERE\b([^]*?)(\bRETURNING\b|\bORDER BY\b|$)/i.exec(statement) ?? [];
  const ofOrganisation = /(FROM|UPDATE) ("public"\.)?"?organisation"? (SET .*)?WHERE [^ ]*\bid"? (=|IN)/;
  return condition.includes('organisation_id') || ofOrganisation.test(statement);
}

test('every statement names the organisation whose rows it reads, locks or writes', async () => {
  const member = await stranger.member(...ROLES);
  const own = await idsOf(stranger, member);
  const statements = await statementsOf(async () => {
    for (const operation of Object.values(operations)) await member.ask(...operation(own));
    await member.ask('{ userImports { nodes { id } totalCount } }');
    await member.ask('{ groups { nodes { id members { nodes { groups { totalCount } } } } totalCount } }');
    await member.ask(
      '{ users(filter: { role: ADMIN }, orderBy: { field: EMAIL }) { nodes { name } totalCount } }',
    );
    await member.ask('{ viewer { sessions(first: 5) { nodes { id } totalCount } } }');
    await member.ask(
      'mutation ($input: PasswordChangeInput!) { passwordChange(input: $input) { userErrors { code } } }',
      { input: { currentPassword: 'lyceum-demo', newPassword: 'lyceum-demo-2' } },
    );
    await member.ask('mutation { sessionsRevoke(input: { keepCurrent: true }) { ended } }');
    await member.ask(
      '{ users(filter: { search: "some" }) { nodes { name } totalCount } lrsKeys { nodes { id } totalCount } }',
    );
    await member.ask('{ invitations { nodes { id } totalCount } }');
    const visitor = graphqlClient(identity.url);
    await walkThroughMails(stranger.admin, visitor);
    const { refreshToken } = await logIn(visitor, 'learner@lyceum.example');
    await visitor(
      'mutation ($input: SessionRefreshInput!) { sessionRefresh(input: $input) { userErrors { code } } }',
      { input: { refreshToken } },
    );
  });
  for (const table of ['membership', 'lrs_key', 'session', 'organisation', 'group', 'group_member']) {
    expect(statements.some((text) => new RegExp(`\\b${table}\\b`).test(text))).toBe(true);
  }
  const unnamed = statements.filter((text) => !namesOrganisation(text));
  expect(unnamed.filter((text) => !ofNoOrganisation.some((known) => known.test(text)))).toEqual([]);
});
