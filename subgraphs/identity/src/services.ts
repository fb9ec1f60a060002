import type { Logger } from '@lyceum/service';
import type { AccessTokens } from './domain/access-tokens.ts';
import { createAccountLinks } from './domain/account-links.ts';
import { createApiClients } from './domain/api-clients.ts';
import { createAuditLog } from './domain/audit-log.ts';
import { createEmailChange } from './domain/email-change.ts';
import type { Encryption } from './domain/encryption.ts';
import { createPeopleExport } from './domain/export-people.ts';
import { createFactorProofs } from './domain/factor-proofs.ts';
import { createGrants } from './domain/grants.ts';
import { createGroups } from './domain/groups.ts';
import { createGuesses, type Guesses } from './domain/guesses.ts';
import { createImports } from './domain/import/imports.ts';
import { createImportWorker } from './domain/import/worker.ts';
import { createInvitations } from './domain/invitations.ts';
import { createLoginChallenges, type LoginChallenges } from './domain/login-challenges.ts';
import { createLogins } from './domain/logins.ts';
import { createLrsKeys } from './domain/lrs-keys.ts';
import { createOwnPassword } from './domain/own-password.ts';
import { createPasskeyLogins } from './domain/passkey-logins.ts';
import { createPasskeys } from './domain/passkeys.ts';
import { createPasswordReset } from './domain/password-reset.ts';
import { createPeopleList } from './domain/people-list.ts';
import { createPersonalAccessTokens } from './domain/personal-access-tokens.ts';
import { createProfiles } from './domain/profiles.ts';
import { createRegistration } from './domain/registration.ts';
import { createRoles } from './domain/roles.ts';
import { createSecondFactorPolicy } from './domain/second-factor-policy.ts';
import { createSecondFactors } from './domain/second-factors.ts';
import { createSessions, type Sessions } from './domain/sessions.ts';
import { createBackChannelLogouts } from './domain/sign-on/back-channel-logouts.ts';
import { createIdentityProviders } from './domain/sign-on/identity-providers.ts';
import { createOutwardFetch } from './domain/sign-on/outward-fetch.ts';
import { createRelyingParty } from './domain/sign-on/relying-party.ts';
import { createReturnAddresses } from './domain/sign-on/return-addresses.ts';
import { signOnAddresses } from './domain/sign-on/sign-on-addresses.ts';
import { createSignOnLinks } from './domain/sign-on/sign-on-links.ts';
import { createSignOnLogins } from './domain/sign-on/sign-on-logins.ts';
import { createSignOnUnlinking } from './domain/sign-on/sign-on-unlinking.ts';
import { createSignOns } from './domain/sign-on/sign-ons.ts';
import { createStepUp } from './domain/step-up.ts';
import { createThrottledRefusals } from './domain/throttled-refusals.ts';
import { createUsers } from './domain/users.ts';
import { createWebAuthn } from './domain/webauthn.ts';
import { relyingPartyOf, type Env } from './env.ts';
import { identityEvents as events } from './events/identity-events.ts';
import type { Database } from './store/store.ts';

interface Parts {
  readonly env: Env;
  readonly store: Database;
  readonly encryption: Encryption;
  readonly accessTokens: AccessTokens;
  readonly logger: Logger;
}

/** The whole domain, wired: what resolvers and routes call, and the worker that goes on with imports once started. */
export function createServices(parts: Parts) {
  const { env, store, encryption, accessTokens, logger } = parts;
  const sessions = createSessions({
    store,
    events,
    accessTokens,
    days: env.SESSION_DAYS,
    leewaySeconds: env.REFRESH_LEEWAY_SECONDS,
  });
  const guesses = createGuesses({ store });
  const refusals = createThrottledRefusals({ store, logger });
  const worker = createImportWorker({ store, events, logger, leaseSeconds: env.IMPORT_LEASE_SECONDS });
  const links = createAccountLinks({ pagesUrl: env.ACCOUNT_PAGES_URL ?? `${env.PUBLIC_URL}/account` });
  const apiClients = createApiClients({ store, events, accessTokens, refusals });
  const personalAccessTokens = createPersonalAccessTokens({ store, events, accessTokens, refusals });
  const ways = waysToLogIn({ env, store, encryption, sessions, guesses });
  const services = {
    sessions,
    ...ways,
    ...singleSignOn({ env, store, encryption, sessions, guesses, challenges: ways.challenges }),
    ownPassword: createOwnPassword({ store, sessions, guesses, links }),
    registration: createRegistration({ store, events, links }),
    invitations: createInvitations({ store, events, links }),
    passwordReset: createPasswordReset({ store, sessions, personalAccessTokens, links }),
    emailChange: createEmailChange({ store, events, links, guesses }),
    users: createUsers({ store, events, sessions, personalAccessTokens }),
    peopleList: createPeopleList({ store }),
    groups: createGroups({ store, events }),
    profiles: createProfiles({ store }),
    imports: createImports({ store, worker }),
    roles: createRoles({ store }),
    grants: createGrants({ store, events }),
    lrsKeys: createLrsKeys({ store, events }),
    apiClients,
    personalAccessTokens,
    auditLog: createAuditLog({ store }),
  };
  return { services, worker, refusals, peopleExport: createPeopleExport({ store }) };
}

/** The ways to log in, and what a person sets up for them. */
function waysToLogIn(parts: {
  env: Env;
  store: Database;
  encryption: Encryption;
  sessions: Sessions;
  guesses: Guesses;
}) {
  const { env, store, encryption, sessions, guesses } = parts;
  const webauthn = createWebAuthn(relyingPartyOf(env));
  const proofs = createFactorProofs({ encryption, webauthn });
  const stepUp = createStepUp({ store, proofs, guesses });
  const secondFactors = createSecondFactors({ store, encryption, proofs, sessions, guesses, stepUp });
  const challenges = createLoginChallenges({
    store,
    sessions,
    factors: secondFactors,
    proofs,
    webauthn,
    guesses,
  });
  return {
    logins: createLogins({ store, sessions, challenges, guesses }),
    challenges,
    secondFactors,
    secondFactorPolicy: createSecondFactorPolicy({ store, sessions }),
    passkeys: createPasskeys({ store, webauthn, factors: secondFactors, guesses, stepUp }),
    passkeyLogins: createPasskeyLogins({ store, webauthn, sessions }),
  };
}

/** Logging in by a provider of the organisation's. */
function singleSignOn(parts: {
  env: Env;
  store: Database;
  encryption: Encryption;
  sessions: Sessions;
  guesses: Guesses;
  challenges: LoginChallenges;
}) {
  const { env, store, encryption, sessions, guesses, challenges } = parts;
  const rules = { privateAddresses: env.SSO_PRIVATE_ADDRESSES ?? env.NODE_ENV !== 'production' };
  const addresses = signOnAddresses(env.PUBLIC_URL);
  const { redirectUri, startUrl } = addresses;
  const party = createRelyingParty({ redirectUri, fetch: createOutwardFetch(rules) });
  return {
    identityProviders: createIdentityProviders({ store, encryption, sessions, rules }),
    returnAddresses: createReturnAddresses({ store, rules }),
    signOns: createSignOns({ store, events, encryption, party }),
    signOnLogins: createSignOnLogins({ store, sessions, challenges }),
    signOnLinks: createSignOnLinks({ store, guesses, startUrl }),
    signOnUnlinking: createSignOnUnlinking({ store, guesses, sessions }),
    backChannelLogouts: createBackChannelLogouts({ store, sessions, encryption, party }),
    signOnAddresses: addresses,
  };
}
