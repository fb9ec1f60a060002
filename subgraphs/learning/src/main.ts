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
import { startCorrectionWorker } from './events/correction-worker.ts';
import { createLiveProgress } from './events/live-progress.ts';
import { permissions } from './permissions.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { createServices } from './services.ts';
import { PrismaClient } from './store/generated/client.ts';
import { createStore } from './store/store.ts';

const folder = 'subgraphs/learning';

/** Starts learning: its database, the events that it hears and tells, its part of the graph. */
export async function startLearning(env: Env): Promise<RunningService> {
  const logger = createLogger({ service: 'learning', level: env.LOG_LEVEL });
  const metrics = createMetrics('learning');
  const database = await openDatabase({
    serverUrl: env.DATABASE_URL,
    service: 'learning',
    migrations: workspaceFile(folder, 'prisma/migrations'),
  });
  const store = createStore(new PrismaClient({ adapter: database.adapter }));
  const log = await createEventLog({
    kafkaBrokers: env.KAFKA_BROKERS,
    directory: join(env.LYCEUM_DATA_DIR, 'log'),
    clientId: 'learning',
    logger,
    metrics,
  });
  const relay = createOutboxRelay({ connectionString: database.url, log, logger, metrics });
  const live = createLiveProgress({ log, logger, metrics });

  const publicUrl = env.PUBLIC_URL;
  const patienceMs = env.EVENT_PATIENCE_MS;
  const { services, hearing, corrections } = createServices({ store, live, publicUrl, patienceMs });
  const worker = startCorrectionWorker({ corrections, logger });
  const onChange = () => {
    worker.wake();
  };
  const consumers = await startConsumers({ log, logger, metrics, store, hearing, publicUrl, onChange });

  const server = await createSubgraph({
    schemaFile: workspaceFile(folder, 'schema.graphql'),
    resolvers,
    permissions,
    context: createContext(store, services),
    verifier: createTokenVerifier({ jwksUrl: env.JWKS_URL, issuer: publicUrl, audience: 'lyceum' }),
    logger,
    metrics,
    checks: [
      { name: 'postgres', check: () => database.check() },
      { name: 'event-log', check: () => log.check() },
    ],
    production: env.NODE_ENV === 'production',
  });
  const url = await listen(server, { host: env.HOST, port: env.PORT });
  logger.info({ url }, 'learning is ready');

  return {
    url,
    async stop() {
      // The sockets before what feeds them: a subscription that is cut off goes on elsewhere, one that ended does not.
      await server.close();
      await live.stop();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await worker.stop();
      await relay.stop();
      await log.close();
      await database.close();
    },
  };
}

export const service: Service = { name: 'learning', start: () => startLearning(readEnv()) };

if (isMain(import.meta)) await runService(service);
