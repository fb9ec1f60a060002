import { join } from 'node:path';
import { createEventLog, createOutboxRelay } from '@lyceum/events';
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
  type RunningService,
  type Service,
} from '@lyceum/service';
import { createAuditOfMutations } from './audit-of-mutations.ts';
import { createContext } from './context.ts';
import { createAccessTokens, tokenAudience } from './domain/access-tokens.ts';
import { createEncryption } from './domain/encryption.ts';
import { loadSigningKeys } from './domain/signing-keys.ts';
import { upkeepOf } from './domain/upkeep.ts';
import { readEnv, type Env } from './env.ts';
import { startConsumers } from './events/consumers.ts';
import { createLivePrivacyJobs } from './events/live-privacy-jobs.ts';
import { servePeopleFiles } from './files/people-files.ts';
import { serveTokenEndpoint } from './oauth/token-endpoint.ts';
import { serveBackChannelLogout } from './sso/back-channel-logout-route.ts';
import { serveSignOn } from './sso/sign-on-routes.ts';
import { permissions } from './permissions.ts';
import { prepareOrganisations } from './prepare-organisations.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { createServices } from './services.ts';
import { startMails } from './start-mails.ts';
import { PrismaClient } from './store/generated/client.ts';
import { createStore } from './store/store.ts';

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
  const liveJobs = createLivePrivacyJobs({ log, logger, metrics });
  const { services, worker, privacy, refusals, peopleExport } = createServices({
    env,
    store,
    encryption,
    accessTokens,
    logger,
    liveJobs,
  });
  const production = env.NODE_ENV === 'production';

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
    aroundMutation: createAuditOfMutations({ refusals, logger, production }),
    production,
    gatewaySecret: env.GATEWAY_SECRET,
  });
  server.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(keys.published),
  );
  servePeopleFiles({
    server,
    verifier,
    imports: services.imports,
    peopleExport,
    archives: services.archives,
  });
  serveTokenEndpoint(server, services, metrics);
  serveBackChannelLogout(server, services);
  serveSignOn(server, { signOns: services.signOns, secure: env.PUBLIC_URL.startsWith('https:') });
  // Last, for a start that is refused before leaves nothing that runs.
  const connectionString = database.url;
  const relay = createOutboxRelay({ connectionString, log, logger, metrics });
  const mailRelay = startMails(env, { connectionString, logger, metrics });
  const { answers, worker: privacyWorker } = privacy;
  const consumers = await startConsumers({ log, logger, store, answers, onDone: privacyWorker.wake });
  const url = await listen(server, { host: env.HOST, port: env.PORT });
  worker.start();
  privacyWorker.start();
  const upkeep = startRepeating(upkeepOf({ store, keys, privacyUpkeep: privacy.upkeep }), logger);
  logger.info({ url }, 'identity is ready');

  return {
    url,
    async stop() {
      await server.close();
      await liveJobs.stop();
      await upkeep.stop();
      await worker.stop();
      await privacyWorker.stop();
      await Promise.all([relay.stop(), mailRelay.stop()]);
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await log.close();
      await database.close();
    },
  };
}

export const service: Service = { name: 'identity', start: () => startIdentity(readEnv()) };

if (isMain(import.meta)) await runService(service);
