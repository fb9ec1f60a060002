import type { LiveTopic } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import type { AccessTokens } from './domain/access-tokens.ts';
import { createAccountLinks, type AccountLinks } from './domain/account-links.ts';
import { createApiClients } from './domain/api-clients.ts';
import { createAuditLog } from './domain/audit-log.ts';
import { createDeactivation } from './domain/deactivation.ts';
import { createDepartures, type Departures } from './domain/departures.ts';
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
import { createOrganisationDomains } from './domain/organisation-domains.ts';
import { createOrganisationBranding } from './domain/organisation-branding.ts';
import { createOrganisationList } from './domain/organisation-list.ts';
import { createOrganisationSuspension } from './domain/organisation-suspension.ts';
import { createOrganisations } from './domain/organisations.ts';
import { createObservations } from './domain/observations.ts';
import { createOwnPassword } from './domain/own-password.ts';
import { createPasskeyLogins } from './domain/passkey-logins.ts';
import { createPasskeys } from './domain/passkeys.ts';
import { createPasswordReset } from './domain/password-reset.ts';
import { createPeopleList } from './domain/people-list.ts';
import { createPersonalAccessTokens } from './domain/personal-access-tokens.ts';
import { createPlans } from './domain/plans.ts';
import { createArchives } from './domain/privacy/archive.ts';
import { createPrivacyJobs, type ChangedJob } from './domain/privacy/jobs.ts';
import { createOwnPart } from './domain/privacy/own-part.ts';
import { createToldAnswers } from './domain/privacy/told-answers.ts';
import { createPrivacyUpkeep } from './domain/privacy/upkeep.ts';
import { createPrivacyWorker } from './domain/privacy/worker.ts';
import { createProfiles } from './domain/profiles.ts';
import { createRegistration } from './domain/registration.ts';
import { createRoles } from './domain/roles.ts';
import { createSecondFactorPolicy } from './domain/second-factor-policy.ts';
import { createSecondFactors } from './domain/second-factors.ts';
import { createSessionSwitches } from './domain/session-switches.ts';
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
import { createTxtRecords } from './domain/txt-records.ts';
import { createOrganisationSettings } from './domain/settings/organisation-settings.ts';
import { createPreferences } from './domain/settings/preferences.ts';
import { createUsers } from './domain/users.ts';
import { createWebAuthn } from './domain/webauthn.ts';
import { relyingPartyOf, type Env } from './env.ts';
import { identityEvents as events } from './events/identity-events.ts';
import { personalTablesOfIdentity } from './store/personal-tables.ts';
import type { Database } from './store/store.ts';

interface Parts {
  readonly env: Env;
  readonly store: Database;
  readonly encryption: Encryption;
  readonly accessTokens: AccessTokens;
  readonly logger: Logger;
  readonly liveJobs: LiveTopic<ChangedJob>;
}

/** What resolvers call. */
export type Services = ReturnType<typeof createServices>['services'];

/** The whole domain, wired: what resolvers and routes call, and the workers that go on with jobs once started. */
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
  const departures = createDepartures({ events, sessions, personalAccessTokens });
  const privacy = privacyOf({ ...parts, departures, links });
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
    deactivation: createDeactivation({ store, events, sessions, personalAccessTokens }),
    organisations: createOrganisations({ store, events, links }),
    organisationList: createOrganisationList({ store }),
    organisationSuspension: createOrganisationSuspension({ store, events, accessTokens }),
    organisationBranding: createOrganisationBranding({ store, events }),
    organisationDomains: createOrganisationDomains({ store, txtRecords: createTxtRecords(dnsOf(env)) }),
    plans: createPlans({ store }),
    users: createUsers({ store, events, departures }),
    privacyJobs: privacy.jobs,
    archives: privacy.archives,
    peopleList: createPeopleList({ store }),
    groups: createGroups({ store, events }),
    profiles: createProfiles({ store }),
    preferences: createPreferences({ store }),
    organisationSettings: createOrganisationSettings({ store, sessionDays: env.SESSION_DAYS }),
    imports: createImports({ store, worker }),
    roles: createRoles({ store }),
    grants: createGrants({ store, events }),
    observations: createObservations({ store, events }),
    lrsKeys: createLrsKeys({ store, events }),
    apiClients,
    personalAccessTokens,
    auditLog: createAuditLog({ store }),
  };
  return { services, worker, privacy, refusals, peopleExport: createPeopleExport({ store }) };
}

const dnsOf = ({ DNS_SERVERS: servers, DNS_TIMEOUT_MS: timeoutMs }: Env) => ({ servers, timeoutMs });

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
    sessionSwitches: createSessionSwitches({ store, sessions, challenges, guesses }),
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

/** Gathering and erasing what is held of people. */
function privacyOf(parts: Parts & { departures: Departures; links: AccountLinks }) {
  const { env, store, departures, links, logger, liveJobs: live } = parts;
  const homePage = env.PUBLIC_URL;
  const answers = createToldAnswers({ store, events, links });
  const ownPart = createOwnPart({
    store,
    events,
    departures,
    answers,
    tables: personalTablesOfIdentity,
    homePage,
  });
  const worker = createPrivacyWorker({ store, ownPart, logger });
  const jobs = createPrivacyJobs({ store, events, departures, live, wake: worker.wake, homePage });
  return {
    jobs,
    answers,
    worker,
    archives: createArchives({ store, jobs, publicUrl: homePage }),
    upkeep: createPrivacyUpkeep({ store, events, answers, homePage }),
  };
}
