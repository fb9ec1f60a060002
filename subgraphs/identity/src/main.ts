import { join } from 'node:path';
import { consumeDomainEvents, createEventLog, createOutboxRelay } from '@lyceum/events';
import { createSubgraph } from '@lyceum/graphql';
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
  type RunningService,
  type Service,
} from '@lyceum/service';
import { createContext } from './context.ts';
import { createAccessTokens, tokenAudience } from './domain/access-tokens.ts';
import { createAuditLog } from './domain/audit-log.ts';
import { bootstrapOrganisation } from './domain/bootstrap.ts';
import { ensureDemoOrganisation, refuseDemoAccounts } from './domain/demo.ts';
import { createEncryption } from './domain/encryption.ts';
import { createGuesses } from './domain/guesses.ts';
import { createLogins } from './domain/logins.ts';
import { createApiClients } from './domain/api-clients.ts';
import { createLrsKeys } from './domain/lrs-keys.ts';
import { createOwnPassword } from './domain/own-password.ts';
import { createPersonalAccessTokens } from './domain/personal-access-tokens.ts';
import { createSessions } from './domain/sessions.ts';
import { loadSigningKeys } from './domain/signing-keys.ts';
import { upkeepOf } from './domain/upkeep.ts';
import { createUsers } from './domain/users.ts';
import { bootstrapOf, readEnv, type Env } from './env.ts';
import { identityEvents as events } from './events/identity-events.ts';
import { lrsEventsGroup, lrsKeyUsedHandlers } from './events/on-lrs-key-used.ts';
import { serveTokenEndpoint } from './oauth/token-endpoint.ts';
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
  const keys = await loadSigningKeys({
    store,
    encryption: await createEncryption(env.KEY_ENCRYPTION_SECRET),
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
  const apiClients = createApiClients({ store, events, accessTokens });
  const personalAccessTokens = createPersonalAccessTokens({ store, events, accessTokens });
  const services = {
    sessions,
    logins: createLogins({ store, sessions, guesses }),
    ownPassword: createOwnPassword({ store, sessions, guesses }),
    users: createUsers({ store, events, sessions, personalAccessTokens }),
    lrsKeys: createLrsKeys({ store, events }),
    apiClients,
    personalAccessTokens,
    auditLog: createAuditLog({ store }),
  };

  const server = await createSubgraph({
    schemaFile: workspaceFile(folder, 'schema.graphql'),
    resolvers,
    permissions,
    context: createContext(store, services),
    verifier: createTokenVerifier({ keys: keys.verify, issuer, audience: tokenAudience }),
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
  serveTokenEndpoint(server, services);
  // Last, for a start that is refused before leaves nothing that runs.
  const keyUse = await consumeDomainEvents({
    log,
    topics: ['lrs.events'],
    group: lrsEventsGroup,
    handlers: lrsKeyUsedHandlers(store),
    logger,
  });
  const relay = createOutboxRelay({ connectionString: database.url, log, logger, metrics });
  const url = await listen(server, { host: env.HOST, port: env.PORT });
  const upkeep = startRepeating(upkeepOf({ store, keys }), logger);
  logger.info({ url }, 'identity is ready');

  return {
    url,
    async stop() {
      await server.close();
      await upkeep.stop();
      await relay.stop();
      await keyUse.stop();
      await log.close();
      await database.close();
    },
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
