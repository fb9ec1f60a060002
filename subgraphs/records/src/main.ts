import { join } from 'node:path';
import { migrate } from '@lyceum/clickhouse';
import { createDeadLetters, createEventLog, createOutboxRelay } from '@lyceum/events';
import { createSubgraph } from '@lyceum/graphql';
import { openDatabase } from '@lyceum/postgres';
import {
  createForwardingCredentials,
  createLogger,
  createMetrics,
  createOutward,
  createTokenVerifier,
  isMain,
  listen,
  runService,
  startRepeating,
  workspaceFile,
  type RunningService,
  type Service,
} from '@lyceum/service';
import { createContext } from './context.ts';
import { readEnv, type Env } from './env.ts';
import { startConsumers } from './events/consumers.ts';
import { topicsOfLog } from './events/topics-of-log.ts';
import { followIngest } from './events/follow-ingest.ts';
import { createForwardingEvents } from './events/forwarding-events.ts';
import { createLiveForwardings } from './events/live-forwardings.ts';
import { createLiveStatements } from './events/live-statements.ts';
import { createProgressTracker } from './domain/ingest-progress.ts';
import { createLiveRetentions, createLiveStoreJobs } from './events/live-store-jobs.ts';
import { createNames } from './domain/names.ts';
import { permissions } from './permissions.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { createServices } from './services.ts';
import { checkLrsTables } from './store/check-lrs-tables.ts';
import { openClickHouse } from './store/clickhouse.ts';
import { createDatabase } from './store/database.ts';
import { PrismaClient } from './store/generated/client.ts';
import { createStore } from './store/store.ts';

const folder = 'subgraphs/records';

/** How often jobs of which nothing was heard are looked for. */
const askAgainEveryMs = 10 * 60_000;

/** How often retentions whose time has come are looked for. */
const lookForDueEveryMs = 60_000;

/** Starts records: its database, ClickHouse, the statements and events that it hears, its part of the graph. */
export async function startRecords(env: Env): Promise<RunningService> {
  const logger = createLogger({ service: 'records', level: env.LOG_LEVEL });
  const metrics = createMetrics('records');
  const postgres = await openDatabase({
    serverUrl: env.DATABASE_URL,
    service: 'records',
    migrations: workspaceFile(folder, 'prisma/migrations'),
  });
  const database = createDatabase(new PrismaClient({ adapter: postgres.adapter }));
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
  const relay = createOutboxRelay({ connectionString: postgres.url, log, logger, metrics });
  const names = createNames(publicUrl);
  const forwardingEvents = createForwardingEvents(names);
  const consumers = await startConsumers({ log, logger, store, database, publicUrl, forwardingEvents });
  const live = createLiveStatements({ log, logger, metrics });
  const liveStoreJobs = createLiveStoreJobs({ log, logger, metrics });
  const liveRetentions = createLiveRetentions({ log, logger, metrics });
  const xapiUrl = env.XAPI_PUBLIC_URL ?? `${env.LRS_URL}/xapi`;
  const rules = { privateAddresses: env.STORE_FORWARDING_ALLOW_PRIVATE };
  const forwarding = {
    events: forwardingEvents,
    live: createLiveForwardings({ log, logger, metrics }),
    credentials: await createForwardingCredentials(env.KEY_ENCRYPTION_SECRET),
    outward: createOutward(rules),
    rules,
    ownUrls: [xapiUrl, `${env.LRS_URL}/xapi`, `${publicUrl}/xapi`],
  };
  const progress = createProgressTracker();
  const following = followIngest({ log, progress, logger });
  const letters = createDeadLetters({ log, logger, topics: topicsOfLog });
  const services = createServices({
    ...{
      store,
      database,
      live,
      liveStoreJobs,
      liveRetentions,
      progress,
      letters,
      names,
      xapiUrl,
      forwarding,
    },
  });
  const upkeep = startRepeating(
    [
      {
        name: 'look for silent jobs on a store',
        everyMs: askAgainEveryMs,
        run: () => services.storeJobs.askAgain(),
      },
      {
        name: 'look for retentions that are due',
        everyMs: lookForDueEveryMs,
        run: () => services.storeRetentions.runDue(),
      },
      {
        name: 'look for silent forwardings',
        everyMs: askAgainEveryMs,
        run: () => services.statementForwardings.askAgain(),
      },
    ],
    logger,
  );

  const server = await createSubgraph({
    schemaFile: workspaceFile(folder, 'schema.graphql'),
    resolvers,
    permissions,
    context: createContext(services),
    verifier: createTokenVerifier({ jwksUrl: env.JWKS_URL, issuer: publicUrl, audience: 'lyceum' }),
    logger,
    metrics,
    checks: [
      { name: 'postgres', check: () => postgres.check() },
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
      await liveStoreJobs.stop();
      await liveRetentions.stop();
      await forwarding.live.stop();
      forwarding.outward.close();
      await upkeep.stop();
      await services.liveHealth.stop();
      await following.stop();
      await letters.stop();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await relay.stop();
      await log.close();
      await clickHouse.close();
      await postgres.close();
    },
  };
}

export const service: Service = { name: 'records', start: () => startRecords(readEnv()) };

if (isMain(import.meta)) await runService(service);
