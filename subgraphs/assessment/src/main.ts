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
  workspaceFile,
  type RunningService,
  type Service,
} from '@lyceum/service';
import { createContext } from './context.ts';
import { readEnv, type Env } from './env.ts';
import { startConsumers } from './events/consumers.ts';
import { createGradedAttempts } from './events/graded-attempts.ts';
import { permissions } from './permissions.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { createServices } from './services.ts';
import { PrismaClient } from './store/generated/client.ts';
import { createStore } from './store/store.ts';

const folder = 'subgraphs/assessment';

/** Starts assessment: its database, the events that it hears and tells, its part of the graph. */
export async function startAssessment(env: Env): Promise<RunningService> {
  const logger = createLogger({ service: 'assessment', level: env.LOG_LEVEL });
  const metrics = createMetrics('assessment');
  const database = await openDatabase({
    serverUrl: env.DATABASE_URL,
    service: 'assessment',
    migrations: workspaceFile(folder, 'prisma/migrations'),
  });
  const store = createStore(new PrismaClient({ adapter: database.adapter }));
  const log = await createEventLog({
    kafkaBrokers: env.KAFKA_BROKERS,
    directory: join(env.LYCEUM_DATA_DIR, 'log'),
    clientId: 'assessment',
    logger,
    metrics,
  });
  const relay = createOutboxRelay({ connectionString: database.url, log, logger, metrics });
  const consumers = await startConsumers({ log, logger, store });
  const live = createGradedAttempts({ log, logger, metrics });

  const services = createServices({
    store,
    live,
    publicUrl: env.PUBLIC_URL,
    patienceMs: env.EVENT_PATIENCE_MS,
  });
  const server = await createSubgraph({
    schemaFile: workspaceFile(folder, 'schema.graphql'),
    resolvers,
    permissions,
    context: createContext(services),
    verifier: createTokenVerifier({ jwksUrl: env.JWKS_URL, issuer: env.PUBLIC_URL, audience: 'lyceum' }),
    logger,
    metrics,
    checks: [
      { name: 'postgres', check: () => database.check() },
      { name: 'event-log', check: () => log.check() },
    ],
    production: env.NODE_ENV === 'production',
  });
  const url = await listen(server, { host: env.HOST, port: env.PORT });
  logger.info({ url }, 'assessment is ready');

  return {
    url,
    async stop() {
      // The sockets before what feeds them: a subscription that is cut off goes on elsewhere, one that ended does not.
      await server.close();
      await live.stop();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await relay.stop();
      await log.close();
      await database.close();
    },
  };
}

export const service: Service = { name: 'assessment', start: () => startAssessment(readEnv()) };

if (isMain(import.meta)) await runService(service);
