import { join } from 'node:path';
import { consumeDomainEvents, createEventLog, createOutboxRelay } from '@lyceum/events';
import { createSubgraph } from '@lyceum/graphql';
import { createMailRelay, createTransport, toFiles, type MailRelay } from '@lyceum/mail';
import { openDatabase } from '@lyceum/postgres';
import {
  createLogger,
  createMetrics,
  createTokenVerifier,
  isMain,
  listen,
  runService,
  startRepeating,
  workspaceFile,
  type Logger,
  type Metrics,
  type RunningService,
  type Service,
} from '@lyceum/service';
import { createContext } from './context.ts';
import { createAccessTokens, tokenAudience } from './domain/access-tokens.ts';
import { createAccountLinks } from './domain/account-links.ts';
import { createAuditLog } from './domain/audit-log.ts';
import { bootstrapOrganisation } from './domain/bootstrap.ts';
import { ensureDemoOrganisation, refuseDemoAccounts } from './domain/demo.ts';
import { createEmailChange } from './domain/email-change.ts';
import { createEncryption, type Encryption } from './domain/encryption.ts';
import { createFactorProofs } from './domain/factor-proofs.ts';
import { createGrants } from './domain/grants.ts';
import { createGuesses, type Guesses } from './domain/guesses.ts';
import { createInvitations } from './domain/invitations.ts';
import { createLoginChallenges, type LoginChallenges } from './domain/login-challenges.ts';
import { createGroups } from './domain/groups.ts';
import { createLogins } from './domain/logins.ts';
import { createPeopleExport } from './domain/export-people.ts';
import { createImports } from './domain/import/imports.ts';
import { createImportWorker } from './domain/import/worker.ts';
import { createLrsKeys } from './domain/lrs-keys.ts';
import { createOwnPassword } from './domain/own-password.ts';
import { createPasskeyLogins } from './domain/passkey-logins.ts';
import { createPasskeys } from './domain/passkeys.ts';
import { createPasswordReset } from './domain/password-reset.ts';
import { createRegistration } from './domain/registration.ts';
import { createRoles } from './domain/roles.ts';
import { createSecondFactorPolicy } from './domain/second-factor-policy.ts';
import { createSecondFactors } from './domain/second-factors.ts';
import { createSessions, type Sessions } from './domain/sessions.ts';
import { createPeopleList } from './domain/people-list.ts';
import { createProfiles } from './domain/profiles.ts';
import { createIdentityProviders } from './domain/sign-on/identity-providers.ts';
import { createOutwardFetch } from './domain/sign-on/outward-fetch.ts';
import { createRelyingParty } from './domain/sign-on/relying-party.ts';
import { createReturnAddresses } from './domain/sign-on/return-addresses.ts';
import { signOnAddresses } from './domain/sign-on/sign-on-addresses.ts';
import { createSignOnLinks } from './domain/sign-on/sign-on-links.ts';
import { createSignOnLogins } from './domain/sign-on/sign-on-logins.ts';
import { createSignOns } from './domain/sign-on/sign-ons.ts';
import { createApiClients } from './domain/api-clients.ts';
import { createPersonalAccessTokens } from './domain/personal-access-tokens.ts';
import { loadSigningKeys } from './domain/signing-keys.ts';
import { upkeepOf } from './domain/upkeep.ts';
import { createUsers } from './domain/users.ts';
import { createWebAuthn } from './domain/webauthn.ts';
import { bootstrapOf, readEnv, relyingPartyOf, type Env } from './env.ts';
import { identityEvents as events } from './events/identity-events.ts';
import { servePeopleFiles } from './files/people-files.ts';
import { lrsEventsGroup, lrsKeyUsedHandlers } from './events/on-lrs-key-used.ts';
import { serveTokenEndpoint } from './oauth/token-endpoint.ts';
import { serveSignOn } from './sso/sign-on-routes.ts';
import { permissions } from './permissions.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { PrismaClient } from './store/generated/client.ts';
import { createStore, type Database } from './store/store.ts';

const folder = 'subgraphs/identity';

/** Starts identity: its database, its events, its part of the graph, and the published keys. */
export async function startIdentity(env: Env): Promise<RunningService> {
  const logger = createLogger({ service: 'identity', level: env.LOG_LEVEL });
  const metrics = createMetrics('identity');
  const database = await openDatabase({
    serverUrl: env.DATABASE_URL,
    service: 'identity',
    migrations: workspaceFile(folder, 'prisma/migrations'),
    restrictions: { appendOnly: ['audit_event', 'audit_chain'] },
  });
  const store = createStore(new PrismaClient({ adapter: database.adapter }));
  const log = await createEventLog({
    kafkaBrokers: env.KAFKA_BROKERS,
    directory: join(env.LYCEUM_DATA_DIR, 'log'),
    clientId: 'identity',
    logger,
    metrics,
  });

  await prepareOrganisations(env, store, logger);
  const encryption = await createEncryption(env.KEY_ENCRYPTION_SECRET);
  const keys = await loadSigningKeys({
    store,
    encryption,
    rotationDays: env.KEY_ROTATION_DAYS,
    tokenSeconds: env.ACCESS_TOKEN_SECONDS,
  });
  const issuer = env.PUBLIC_URL;
  const accessTokens = createAccessTokens({ keys, issuer, seconds: env.ACCESS_TOKEN_SECONDS });
  const sessions = createSessions({
    store,
    events,
    accessTokens,
    days: env.SESSION_DAYS,
    leewaySeconds: env.REFRESH_LEEWAY_SECONDS,
  });
  const guesses = createGuesses({ store });
  const worker = createImportWorker({ store, events, logger, leaseSeconds: env.IMPORT_LEASE_SECONDS });
  const links = createAccountLinks({ pagesUrl: env.ACCOUNT_PAGES_URL ?? `${env.PUBLIC_URL}/account` });
  const apiClients = createApiClients({ store, events, accessTokens });
  const personalAccessTokens = createPersonalAccessTokens({ store, events, accessTokens });
  const ways = waysToLogIn({ env, store, encryption, sessions, guesses });
  const services = {
    sessions,
    ...ways,
    ...singleSignOn({ env, store, encryption, sessions, guesses, challenges: ways.challenges }),
    ownPassword: createOwnPassword({ store, sessions, guesses, links }),
    registration: createRegistration({ store, events, links }),
    invitations: createInvitations({ store, events, links }),
    passwordReset: createPasswordReset({ store, sessions, links }),
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

  const verifier = createTokenVerifier({ keys: keys.verify, issuer, audience: tokenAudience });
  const server = await createSubgraph({
    schemaFile: workspaceFile(folder, 'schema.graphql'),
    resolvers,
    permissions,
    context: createContext(store, services),
    verifier,
    logger,
    metrics,
    checks: [
      { name: 'postgres', check: () => database.check() },
      { name: 'event-log', check: () => log.check() },
    ],
    production: env.NODE_ENV === 'production',
    gatewaySecret: env.GATEWAY_SECRET,
  });
  server.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(keys.published),
  );
  const peopleExport = createPeopleExport({ store });
  servePeopleFiles({ server, verifier, imports: services.imports, peopleExport });
  serveTokenEndpoint(server, services);
  serveSignOn(server, { signOns: services.signOns, secure: env.PUBLIC_URL.startsWith('https:') });
  // Last, for a start that is refused before leaves nothing that runs.
  const connectionString = database.url;
  const relay = createOutboxRelay({ connectionString, log, logger, metrics });
  const mailRelay = startMails(env, { connectionString, logger, metrics });
  const keyUse = await consumeDomainEvents({
    log,
    topics: ['lrs.events'],
    group: lrsEventsGroup,
    handlers: lrsKeyUsedHandlers(store),
    logger,
  });
  const url = await listen(server, { host: env.HOST, port: env.PORT });
  worker.start();
  const upkeep = startRepeating(upkeepOf({ store, keys }), logger);
  logger.info({ url }, 'identity is ready');

  return {
    url,
    async stop() {
      await server.close();
      await upkeep.stop();
      await worker.stop();
      await Promise.all([relay.stop(), mailRelay.stop()]);
      await keyUse.stop();
      await log.close();
      await database.close();
    },
  };
}

function startMails(env: Env, of: { connectionString: string; logger: Logger; metrics: Metrics }): MailRelay {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, LYCEUM_DATA_DIR: dataDirectory } = env;
  if (env.NODE_ENV === 'production' && smtpUrl === toFiles)
    of.logger.warn(
      { dataDirectory },
      'mails are sent to nobody: SMTP_URL=files keeps them in the data directory',
    );
  return createMailRelay({ ...of, transport: createTransport({ smtpUrl, from, dataDirectory }) });
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
  const secondFactors = createSecondFactors({ store, encryption, proofs, sessions, guesses });
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
    passkeys: createPasskeys({ store, webauthn, factors: secondFactors, guesses }),
    passkeyLogins: createPasskeyLogins({ store, webauthn, sessions }),
  };
}

/** Providers who say who somebody is. */
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
    identityProviders: createIdentityProviders({ store, encryption, rules }),
    returnAddresses: createReturnAddresses({ store, rules }),
    signOns: createSignOns({ store, events, encryption, party }),
    signOnLogins: createSignOnLogins({ store, sessions, challenges }),
    signOnLinks: createSignOnLinks({ store, guesses, startUrl }),
    signOnAddresses: addresses,
  };
}

/** So that somebody can log in. */
async function prepareOrganisations(env: Env, store: Database, logger: Logger): Promise<void> {
  if (env.NODE_ENV === 'production') await refuseDemoAccounts(store);
  const bootstrap = bootstrapOf(env);
  if (bootstrap) {
    const made = await bootstrapOrganisation(store, events, bootstrap);
    if (made)
      logger.info({ slug: bootstrap.slug }, 'the first organisation was made, with its administrator');
    else logger.info('there is an organisation: the BOOTSTRAP_ variables are ignored and can be removed');
  }
  if (env.LYCEUM_DEMO) await ensureDemoOrganisation(store, events);
  if (!(await store.organisations.exists()))
    logger.warn(
      'there is no organisation, so nobody can log in: set the BOOTSTRAP_ variables, and start again',
    );
}

export const service: Service = { name: 'identity', start: () => startIdentity(readEnv()) };

if (isMain(import.meta)) await runService(service);
