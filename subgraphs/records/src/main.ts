import { join } from 'node:path';
import { migrate } from '@lyceum/clickhouse';
import { createEventLog } from '@lyceum/events';
import { createSubgraph } from '@lyceum/graphql';
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
import { createLiveStatements } from './events/live-statements.ts';
import { permissions } from './permissions.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { createServices } from './services.ts';
import { checkLrsTables } from './store/check-lrs-tables.ts';
import { openClickHouse } from './store/clickhouse.ts';
import { createStore } from './store/store.ts';

const folder = 'subgraphs/records';

/** Starts records: ClickHouse, the statements and events that it hears, its part of the graph. */
export async function startRecords(env: Env): Promise<RunningService> {
  const logger = createLogger({ service: 'records', level: env.LOG_LEVEL });
  const metrics = createMetrics('records');
  const clickHouse = await openClickHouse({ url: env.CLICKHOUSE_URL, querySeconds: env.QUERY_SECONDS });
  const directory = workspaceFile(folder, 'clickhouse/migrations');
  await migrate(clickHouse, { directory, table: 'records_migration' });
  const store = createStore(clickHouse, { searchBytes: env.SEARCH_MIB * 2 ** 20 });
  const log = await createEventLog({
    kafkaBrokers: env.KAFKA_BROKERS,
    directory: join(env.LYCEUM_DATA_DIR, 'log'),
    clientId: 'records',
    logger,
    metrics,
  });
  const publicUrl = env.PUBLIC_URL;
  const consumers = await startConsumers({ log, logger, store, publicUrl });
  const live = createLiveStatements({ log, logger, metrics });

  const server = await createSubgraph({
    schemaFile: workspaceFile(folder, 'schema.graphql'),
    resolvers,
    permissions,
    context: createContext(createServices({ store, live, publicUrl })),
    verifier: createTokenVerifier({ jwksUrl: env.JWKS_URL, issuer: publicUrl, audience: 'lyceum' }),
    logger,
    metrics,
    checks: [
      { name: 'clickhouse', check: () => clickHouse.command({ query: 'SELECT 1' }).then(() => undefined) },
      { name: 'learning-records', check: () => checkLrsTables(clickHouse) },
      { name: 'event-log', check: () => log.check() },
    ],
    production: env.NODE_ENV === 'production',
  });
  const url = await listen(server, { host: env.HOST, port: env.PORT });
  logger.info({ url }, 'records is ready');

  return {
    url,
    async stop() {
      // The sockets before what feeds them: a subscription that is cut off goes on elsewhere, one that ended does not.
      await server.close();
      await live.stop();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await log.close();
      await clickHouse.close();
    },
  };
}

export const service: Service = { name: 'records', start: () => startRecords(readEnv()) };

if (isMain(import.meta)) await runService(service);
