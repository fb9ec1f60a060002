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
import { permissions } from './permissions.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { createServices } from './services.ts';
import { PrismaClient } from './store/generated/client.ts';
import { createStore } from './store/store.ts';

const folder = 'subgraphs/catalog';

/** Starts the catalog: its database, its events, its part of the graph. */
export async function startCatalog(env: Env): Promise<RunningService> {
  const logger = createLogger({ service: 'catalog', level: env.LOG_LEVEL });
  const metrics = createMetrics('catalog');
  const database = await openDatabase({
    serverUrl: env.DATABASE_URL,
    service: 'catalog',
    migrations: workspaceFile(folder, 'prisma/migrations'),
  });
  const store = createStore(new PrismaClient({ adapter: database.adapter }));
  const log = await createEventLog({
    kafkaBrokers: env.KAFKA_BROKERS,
    directory: join(env.LYCEUM_DATA_DIR, 'log'),
    clientId: 'catalog',
    logger,
    metrics,
  });
  const relay = createOutboxRelay({ connectionString: database.url, log, logger, metrics });
  const consumers = await startConsumers({ log, logger, store });

  const server = await createSubgraph({
    schemaFile: workspaceFile(folder, 'schema.graphql'),
    resolvers,
    permissions,
    context: createContext(createServices({ store, publicUrl: env.PUBLIC_URL })),
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
  logger.info({ url }, 'catalog is ready');

  return {
    url,
    async stop() {
      await server.close();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await relay.stop();
      await log.close();
      await database.close();
    },
  };
}

export const service: Service = { name: 'catalog', start: () => startCatalog(readEnv()) };

if (isMain(import.meta)) await runService(service);
