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
import { statementsTopic } from '@lyceum/xapi';
import { ingestGroup } from '../ingest/group.ts';
import { openClickHouse } from '../query/clickhouse.ts';
import { createDefinitionReader } from '../query/definition-reader.ts';
import { createMoreCursors } from '../query/more-cursor.ts';
import { createStatementReader } from '../query/select-statements.ts';
import type { UnavailableError } from '../query/unavailable-error.ts';
import { PrismaClient } from '../store/generated/client.ts';
import { createStore } from '../store/store.ts';
import { createActivitiesResource } from './activities.ts';
import { createAgentsResource } from './agents.ts';
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
import { createStatementReading } from './statement-reading.ts';
import { createStatementsResource } from './statements.ts';
import { createRequireVoiding } from './voiding.ts';
import { createWatermark } from './watermark.ts';

const drainMs = 5_000;

/** Who reads what they wrote waits so long for ingest. */
const ownWritesMs = 1_000;

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
    poolSize: 4,
  });
  const store = createStore(new PrismaClient({ adapter: database.adapter }));
  await store.receivers.deleteOld();
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
  const acceptance = createAcceptance({
    append: (records) => log.append(records),
    publicUrl,
    pool,
    onFailure: (error) => {
      logger.error({ err: error }, 'statements were not appended');
    },
  });
  const stopping = new AbortController();
  const watermark = createWatermark({
    receivers: store.receivers,
    oldestUnderWay: acceptance.oldestUnderWay,
    onFailure: (error) => {
      logger.warn({ err: error }, 'the other receivers do not hear how far this one is');
    },
  });
  const consistentThrough = createConsistentThrough({
    log,
    group: ingestGroup,
    reader,
    watermark,
    signal: stopping.signal,
  });
  const { onAccepted } = counted;
  const definitions = createDefinitionReader(clickHouse);
  const cursors = createMoreCursors({ secret: await store.sharedSecrets.selectOrInsert('more') });
  const untilIngested = () => {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(ownWritesMs)]);
    return log.passed({ group: ingestGroup, topic: statementsTopic, signal }).catch(() => undefined);
  };
  const onUnread = (error: UnavailableError) => {
    logger.error({ err: error }, 'learning records were not read');
  };
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
      announce: watermark.announce,
      requireVoiding: createRequireVoiding({ reader, publicUrl }),
      get: createStatementReading({ reader, definitions, consistentThrough, cursors, publicUrl, onUnread }),
      body: { limit: bodyLimit, inFlight, pool },
      onAccepted,
    }),
    activities: createActivitiesResource({ definitions, untilIngested, onUnread }),
    agents: createAgentsResource({ definitions, untilIngested, onUnread }),
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
      stopping.abort();
      await watermark.stop();
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
