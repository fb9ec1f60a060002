import { newId } from '@lyceum/service';
import type { GraphQLClient } from '@lyceum/testing';
import { invite, setRegistration } from './account-flows.ts';
import type { DnsServer } from './dns-server.ts';
import { withStore, type Member, type Organisation, type RunningIdentity } from './identity.ts';
import { sql } from './sql.ts';

/** One object of each kind. */
export type Ids = Readonly<
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

/** The address of somebody who can be erased. */
export const addressOf = (userId: string): string => `${userId}@spare.example`;

/** Ids that nothing has. */
export const unknown = (): Ids => ({
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

interface Made {
  lrsKeyCreate: { lrsKey: { id: string } };
  groupCreate: { group: { id: string } };
  apiClientCreate: { apiClient: { id: string } };
  identityProviderCreate: { identityProvider: { id: string } };
}

/** Makes objects whose ids are tried. @returns what makes one of each kind for a member */
export function createObjects({ identity, dns }: { identity: RunningIdentity; dns: DnsServer }) {
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
    const passkey = {
      id,
      organisationId,
      userId,
      userHandle: id,
      ...credential,
      synced: false,
      name: 'A key',
    };
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

  /** An import of the organisation's, which has one at a time. */
  async function importInto(organisationId: string, userId: string): Promise<string> {
    return withStore(identity.databaseUrl, async ({ imports }) => {
      const leasedUntil = new Date(Date.now() + 3_600_000);
      const job = {
        id: newId('import'),
        organisationId,
        userId,
        fileName: 'p.csv',
        dryRun: true,
        leasedUntil,
      };
      const page = { limit: 1, after: undefined, before: undefined, backward: false };
      const begun =
        (await imports.insertOptional(job)) ?? (await imports.selectPage(organisationId, page))[0];
      return begun?.id ?? '';
    });
  }

  return { idsOf };
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
