import { join } from 'node:path';
import { consumeDomainEvents, createEventLog } from '@lyceum/events';
import { openDatabase } from '@lyceum/postgres';
import {
  createLogger,
  createMetrics,
  isMain,
  runService,
  workspaceFile,
  type Logger,
  type RunningService,
  type Service,
} from '@lyceum/service';
import { ingestGroup } from '../ingest/group.ts';
import { createStatementIds } from '../ids/create-statement-ids.ts';
import { createWithoutErased } from '../ids/without-erased.ts';
import { openClickHouse } from '../query/clickhouse.ts';
import { createStatementReader } from '../query/select-statements.ts';
import { createSelectByIds } from '../query/statements-by-id.ts';
import { PrismaClient } from '../store/generated/client.ts';
import { createStore } from '../store/store.ts';
import { createBufferPool } from './buffer-pool.ts';
import { createAcceptance } from './accept-statements.ts';
import { createConsistentThrough } from './consistent-through.ts';
import { createCredentials } from './credentials.ts';
import { readEnv, type Env } from './env.ts';
import { createXapiServer } from './http-server.ts';
import { createInFlight } from './in-flight.ts';
import { createKeyUse } from './key-use.ts';
import { lrsKeyGroup, lrsKeyHandlers } from './on-lrs-key.ts';
import { createReceiveMetrics } from './receive-metrics.ts';
import { createRouter } from './router.ts';
import { createServiceResources } from './service-resources.ts';
import { createStatementsResource } from './statements.ts';

const drainMs = 5_000;

/** For batches of a few dozen to a hundred statements; 16 MiB in all. */
const batchBuffers = { bytes: 256 * 1024, smallest: 32 * 1024, buffers: 64 };

/** Starts the receiver: HTTP in, the log out, ClickHouse for reading. */
export async function startReceive(
  env: Env,
  logger: Logger = createLogger({ service: 'lrs-receive', level: env.LOG_LEVEL }),
): Promise<RunningService> {
  const metrics = createMetrics('lrs-receive');
  const database = await openDatabase({
    serverUrl: env.DATABASE_URL,
    service: 'lrs',
    migrations: workspaceFile('lrs', 'prisma/migrations'),
    // With Kafka every request takes and confirms its ids in it.
    poolSize: env.KAFKA_BROKERS === undefined ? 4 : 10,
  });
  const store = createStore(new PrismaClient({ adapter: database.adapter }));
  const log = await createEventLog({
    kafkaBrokers: env.KAFKA_BROKERS,
    directory: join(env.LYCEUM_DATA_DIR, 'log'),
    clientId: 'lrs-receive',
    logger,
    metrics,
  });
  const keys = await consumeDomainEvents({
    log,
    topics: ['identity.events'],
    group: lrsKeyGroup,
    handlers: lrsKeyHandlers(store),
    logger,
  });
  const clickHouse = openClickHouse(env.CLICKHOUSE_URL);
  const reader = createStatementReader(clickHouse);
  const inFlight = createInFlight(env.XAPI_IN_FLIGHT_LIMIT);
  const counted = createReceiveMetrics(metrics, inFlight);
  const publicUrl = env.PUBLIC_URL;
  const bodyLimit = env.XAPI_BODY_LIMIT;
  const pool = createBufferPool(batchBuffers);
  const withoutErased = createWithoutErased(store.erasedPeople.selectSince);
  const selectByIds = createSelectByIds(clickHouse);
  const ids = await createStatementIds({ log, store, selectByIds, withoutErased });
  const acceptance = createAcceptance({
    ids,
    withoutErased,
    publicUrl,
    pool,
    onFailure: (error) => {
      logger.error({ err: error }, 'statements were not appended');
    },
  });
  const { oldestUnderWay } = acceptance;
  const consistentThrough = createConsistentThrough({ log, group: ingestGroup, reader, oldestUnderWay });
  const { onAccepted } = counted;
  const keyUse = createKeyUse({ append: (records) => log.append(records), logger });
  const service = createServiceResources({
    metrics,
    checks: [
      { name: 'postgres', check: () => database.check() },
      { name: 'event-log', check: () => log.check() },
    ],
  });
  const handle = createRouter({
    credentials: createCredentials({
      selectKey: store.lrsKeys.selectOptionalActive,
      onUsed: keyUse.note,
    }),
    statements: createStatementsResource({
      acceptance,
      ids,
      reader,
      consistentThrough,
      body: { limit: bodyLimit, inFlight, pool },
      publicUrl,
      onAccepted,
      onUnread: (error) => {
        logger.error({ err: error }, 'statements were not read');
      },
    }),
    service: service.resources,
  });
  const server = createXapiServer({
    handle,
    requestMs: env.XAPI_REQUEST_SECONDS * 1000,
    logger,
    onAnswered: counted.onAnswered,
  });
  const url = await server.listen({ host: env.HOST, port: env.PORT });
  logger.info({ url: `${url}/xapi` }, 'lrs-receive is ready');

  return {
    url,
    async stop() {
      service.stopping();
      await server.close(drainMs);
      await keyUse.stop();
      await keys.stop();
      await log.close();
      await clickHouse.close();
      await database.close();
    },
  };
}

export const service: Service = { name: 'lrs-receive', start: () => startReceive(readEnv()) };

if (isMain(import.meta)) await runService(service);
