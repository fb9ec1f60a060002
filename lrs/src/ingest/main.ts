import { join } from 'node:path';
import { createEventLog, createOutboxRelay } from '@lyceum/events';
import { openDatabase } from '@lyceum/postgres';
import {
  createHttpServer,
  createLogger,
  createMetrics,
  isMain,
  listen,
  runService,
  workspaceFile,
  type Logger,
  type RunningService,
  type Service,
} from '@lyceum/service';
import { statementsTopic } from '@lyceum/xapi';
import { openAttachments } from '../attachments/open-attachments.ts';
import { noteLate } from '../forwarding/late-statements.ts';
import { startForwarding } from '../forwarding/start-forwarding.ts';
import { startStoreJobs } from '../jobs/start-store-jobs.ts';
import { createAnswers } from '../personal-data/answers.ts';
import { createActorHoursEraser } from '../personal-data/actor-hours-eraser.ts';
import { createCopyEraser } from '../personal-data/copy-eraser.ts';
import { createStatementErasure } from '../personal-data/erase-statements.ts';
import { consumePersonalDataRequests } from '../personal-data/on-personal-data-requested.ts';
import { createPersonStatements } from '../personal-data/person-statements.ts';
import { createMutations } from '../personal-data/mutations.ts';
import { createRollUpRewriter } from '../personal-data/roll-up-rewriter.ts';
import { createStatementKeyEraser } from '../personal-data/statement-key-eraser.ts';
import { createStatementRewriter } from '../personal-data/statement-rewriter.ts';
import { startFilling } from '../ids/fill-ids.ts';
import { createIngestedDatabaseIds, createIngestedLogIds } from '../ids/ingested-ids.ts';
import { createLookUps } from '../ids/look-ups.ts';
import { openClickHouse } from '../query/clickhouse.ts';
import { createRetention } from '../retention/create-retention.ts';
import { createStatementDigests, digestSecret } from '../retention/statement-digests.ts';
import { startFillingRollUps } from '../roll-ups/filling.ts';
import { createRecount } from '../roll-ups/recount.ts';
import { PrismaClient } from '../store/generated/client.ts';
import { createStore } from '../store/store.ts';
import { readEnv, type Env } from './env.ts';
import { ingestGroup } from './group.ts';
import { createIngestMetrics } from './ingest-metrics.ts';
import { createConsequences } from './consequences.ts';
import { createDefinitionTable } from './definition-table.ts';
import { createDefinitions } from './definitions.ts';
import { createIngester } from './ingester.ts';
import { prepareClickHouse } from './prepare-clickhouse.ts';
import { createReferenceTable } from './reference-table.ts';
import { createReferences } from './references.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import { createStatementTable } from './statement-table.ts';

/** Records of one statement each make blocks of this many. */
const blockRecords = 40_000;

/** As topics are made (packages/events); what could not be read stays longer. */
const logDays = 7;

/** An insert waits this long for ClickHouse before it is tried again. */
const insertMs = 60_000;

/** Starts ingest: the log in, ClickHouse out. */
export async function startIngest(
  env: Env,
  logger: Logger = createLogger({ service: 'lrs-ingest', level: env.LOG_LEVEL }),
): Promise<RunningService> {
  const metrics = createMetrics('lrs-ingest');
  const database = await openDatabase({
    serverUrl: env.DATABASE_URL,
    service: 'lrs',
    migrations: workspaceFile('lrs', 'prisma/migrations'),
    poolSize: 6,
  });
  const store = createStore(new PrismaClient({ adapter: database.adapter }));
  const migrated = await prepareClickHouse(env.CLICKHOUSE_URL, store);
  if (migrated.length > 0) logger.info({ migrated }, 'learning records in ClickHouse were migrated');
  const clickHouse = openClickHouse(env.CLICKHOUSE_URL, { timeoutMs: insertMs });
  const log = await createEventLog({
    kafkaBrokers: env.KAFKA_BROKERS,
    directory: join(env.LYCEUM_DATA_DIR, 'log'),
    clientId: 'lrs-ingest',
    logger,
    metrics,
  });
  const { onWritten } = createIngestMetrics(metrics);
  const ids = log.claims
    ? createIngestedLogIds(log.claims)
    : createIngestedDatabaseIds(store.statementClaims);
  const filling = startFilling({ ids, clickHouse, logger });
  const ingester = createIngester({
    blocks: store.ingestBlocks,
    table: createStatementTable(clickHouse),
    ids,
    lookUps: createLookUps({ ids, lag: () => log.lag(ingestGroup) }),
    selectErased: store.erasedPeople.selectSince,
    consequences: noteLate(
      createConsequences({
        references: createReferences(createReferenceTable(clickHouse)),
        definitions: createDefinitions(createDefinitionTable(clickHouse)),
      }),
      store.statementForwardings,
    ),
    fullBytes: env.INGEST_BLOCK_BYTES,
    onWritten,
  });
  const consumer = await log.consume({
    topics: [statementsTopic],
    group: ingestGroup,
    handle: (batch) => ingester.handle(batch),
    maxBatchRecords: blockRecords,
    maxBatchBytes: env.INGEST_BLOCK_BYTES,
  });
  const relay = createOutboxRelay({ connectionString: database.url, log, logger, metrics });
  const statements = createPersonStatements(clickHouse);
  const mutations = createMutations(clickHouse);
  const untilIngested = (signal: AbortSignal) =>
    log.passed({ group: ingestGroup, topic: statementsTopic, signal }).catch((error: unknown) => {
      throw signal.aborted ? error : new UnavailableError('The event log', error);
    });
  const recount = createRecount({ clickHouse, untilIngested });
  const fillingRollUps = startFillingRollUps({
    clickHouse,
    recount,
    untilIngested,
    alone: (work) => store.whileErasing(work),
    logger,
  });
  const answers = createAnswers({
    store,
    statements,
    erasure: createStatementErasure({
      attachments: store.attachments,
      statements,
      rewriter: createStatementRewriter(clickHouse, mutations),
      rollUps: createRollUpRewriter(clickHouse, mutations),
      copies: createCopyEraser(clickHouse, mutations),
      actorHours: createActorHoursEraser(clickHouse, recount),
      statementKeys: createStatementKeyEraser(clickHouse),
      untilIngested,
      logKeepsMs: logDays * 24 * 60 * 60_000,
    }),
    untilIngested,
  });
  const personalData = await consumePersonalDataRequests({ log, logger, answers });
  const attachments = await openAttachments(env.LYCEUM_DATA_DIR, env.S3_URL, 0);
  const storeJobs = await startStoreJobs({
    ...{ log, logger, store, clickHouse, untilIngested },
    attachments: attachments.store,
    retention: createRetention({
      ...{ store, clickHouse, recount, untilIngested },
      digests: createStatementDigests(await store.sharedSecrets.selectOrInsert(digestSecret)),
      filled: Promise.all([filling.done, fillingRollUps.done]),
    }),
    directory: env.LYCEUM_DATA_DIR,
    s3Url: env.S3_URL,
  });
  const forwarding = await startForwarding({
    ...{ log, logger, metrics, store, clickHouse, untilIngested },
    attachments: attachments.store,
    secret: env.KEY_ENCRYPTION_SECRET,
    privateAddresses: env.STORE_FORWARDING_ALLOW_PRIVATE,
  });

  const server = createHttpServer({
    logger,
    metrics,
    checks: [
      { name: 'postgres', check: () => database.check() },
      { name: 'event-log', check: () => log.check() },
      { name: 'clickhouse', check: () => clickHouse.command({ query: 'SELECT 1' }).then(() => undefined) },
    ],
  });
  const url = await listen(server, { host: env.HOST, port: env.PORT });
  logger.info({ url }, 'lrs-ingest is ready');

  return {
    url,
    async stop() {
      await personalData.stop();
      await storeJobs.stop();
      await forwarding.stop();
      await consumer.stop();
      await filling.stop();
      await fillingRollUps.stop();
      await relay.stop();
      await server.close();
      await log.close();
      attachments.store.close();
      await clickHouse.close();
      await database.close();
    },
  };
}

export const service: Service = { name: 'lrs-ingest', start: () => startIngest(readEnv()) };

if (isMain(import.meta)) await runService(service);
