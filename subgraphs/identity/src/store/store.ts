import { outboxStore, sqlOn } from '@lyceum/events';
import { transactionLimits } from '@lyceum/postgres';
import { accountTokenStore } from './account-tokens.ts';
import { apiClientStore } from './api-clients.ts';
import { auditEventStore } from './audit-events.ts';
import { erasedPersonStore } from './erased-people.ts';
import { countedWindowStore } from './counted-windows.ts';
import { type Prisma, type PrismaClient } from './generated/client.ts';
import { grantStore } from './grants.ts';
import { groupStore } from './groups.ts';
import { guessLimitStore } from './guess-limits.ts';
import { importStore } from './imports.ts';
import { invitationStore } from './invitations.ts';
import { loginChallengeStore } from './login-challenges.ts';
import { federatedIdentityStore } from './federated-identities.ts';
import { identityProviderStore } from './identity-providers.ts';
import { signOnStore } from './sign-ons.ts';
import { lrsKeyStore } from './lrs-keys.ts';
import { mailStore } from './mails.ts';
import { membershipTrustStore } from './membership-trusts.ts';
import { membershipStore } from './memberships.ts';
import { organisationDomainStore } from './organisation-domains.ts';
import { oldRows } from './old-rows.ts';
import { organisationStore } from './organisations.ts';
import { organisationSettingsStore } from './organisation-settings.ts';
import { passkeyChallengeStore } from './passkey-challenges.ts';
import { passkeyStore } from './passkeys.ts';
import { peopleBatches } from './people-batches.ts';
import { peoplePages } from './people-pages.ts';
import { personalAccessTokenStore } from './personal-access-tokens.ts';
import { preferenceStore } from './preferences.ts';
import { privacyJobStore } from './privacy-jobs.ts';
import { recoveryCodeStore } from './recovery-codes.ts';
import { roleStore } from './roles.ts';
import { secondFactorStore } from './second-factors.ts';
import { sessionStore } from './sessions.ts';
import { signingKeyStore } from './signing-keys.ts';
import { totpStore } from './totps.ts';
import { usedLogoutTokenStore } from './used-logout-tokens.ts';
import { userStore } from './users.ts';

/** What a query runs on: the client, or a transaction of it. */
export type Connection = Prisma.TransactionClient;

/** Everything that identity keeps. */
export type Store = Readonly<ReturnType<typeof storeOn>>;

export interface Database extends Store {
  /** All that `work` writes, or nothing of it. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
}

export function createStore(prisma: PrismaClient): Database {
  return {
    ...storeOn(prisma),
    transaction: (work) => prisma.$transaction((tx) => work(storeOn(tx)), transactionLimits),
  };
}

function storeOn(connection: Connection) {
  const sql = sqlOn(connection);
  return {
    organisations: organisationStore(connection),
    organisationSettings: organisationSettingsStore(connection),
    users: userStore(connection),
    organisationDomains: organisationDomainStore(connection),
    memberships: membershipStore(connection),
    preferences: preferenceStore(connection),
    membershipTrusts: membershipTrustStore(connection),
    people: peoplePages(connection),
    imports: importStore(connection),
    privacyJobs: privacyJobStore(connection),
    erasedPeople: erasedPersonStore(connection),
    peopleBatches: peopleBatches(connection),
    groups: groupStore(connection),
    sessions: sessionStore(connection),
    loginChallenges: loginChallengeStore(connection),
    secondFactors: secondFactorStore(connection),
    totps: totpStore(connection),
    recoveryCodes: recoveryCodeStore(connection),
    passkeys: passkeyStore(connection),
    passkeyChallenges: passkeyChallengeStore(connection),
    signingKeys: signingKeyStore(connection),
    roles: roleStore(connection),
    grants: grantStore(connection),
    lrsKeys: lrsKeyStore(connection),
    apiClients: apiClientStore(connection),
    personalAccessTokens: personalAccessTokenStore(connection),
    identityProviders: identityProviderStore(connection),
    federatedIdentities: federatedIdentityStore(connection),
    signOns: signOnStore(connection),
    usedLogoutTokens: usedLogoutTokenStore(connection),
    auditEvents: auditEventStore(connection),
    guessLimits: guessLimitStore(connection),
    countedWindows: countedWindowStore(connection),
    mails: mailStore(connection),
    accountTokens: accountTokenStore(connection),
    invitations: invitationStore(connection),
    outbox: outboxStore(sql),
    /** For what the answers about people say themselves (personal-tables.ts). */
    sql,
    oldRows: oldRows(connection),
  };
}
