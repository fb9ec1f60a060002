import { join } from 'node:path';
import { consumeDomainEvents, createEventLog } from '@lyceum/events';
import { openDatabase } from '@lyceum/postgres';
import {
  createLogger,
  createMetrics,
  createTokenVerifier,
  isMain,
  runService,
  startRepeating,
  workspaceFile,
  type Logger,
  type RunningService,
  type Service,
} from '@lyceum/service';
import { createStoredClock } from '@lyceum/xapi';
import { createAttachmentKeeper } from '../attachments/keep-attachments.ts';
import { createSelectNamed } from '../attachments/named-hashes.ts';
import { openAttachments } from '../attachments/open-attachments.ts';
import { createSweep } from '../attachments/sweep.ts';
import { ingestGroup } from '../ingest/group.ts';
import { createStatementIds } from '../ids/create-statement-ids.ts';
import { createSelectDropped } from '../ids/dropped-statements.ts';
import { createWithoutErased } from '../ids/without-erased.ts';
import { openClickHouse } from '../query/clickhouse.ts';
import { createDefinitionReader } from '../query/definition-reader.ts';
import { createMoreCursors } from '../query/more-cursor.ts';
import { createStatementReader } from '../query/select-statements.ts';
import type { UnavailableError } from '../query/unavailable-error.ts';
import { createSelectByIds } from '../query/statements-by-id.ts';
import { createStatementDigests, digestSecret } from '../retention/statement-digests.ts';
import { PrismaClient } from '../store/generated/client.ts';
import { documentStore } from '../store/documents.ts';
import { createStore } from '../store/store.ts';
import { createActivitiesResource } from './activities.ts';
import { createAgentsResource } from './agents.ts';
import { createBearerTokens } from './bearer-tokens.ts';
import { createBoundedReads } from './bounded-reads.ts';
import { createBufferPool } from './buffer-pool.ts';
import { createAcceptance } from './accept-statements.ts';
import { createConsistentThrough } from './consistent-through.ts';
import { createCredentials } from './credentials.ts';
import { createDocumentsResource } from './documents.ts';
import { readEnv, type Env } from './env.ts';
import { guardAcceptance } from './guarded-acceptance.ts';
import { createXapiServer } from './http-server.ts';
import { createInFlight } from './in-flight.ts';
import { createKeyUse } from './key-use.ts';
import { lrsKeyGroup, lrsKeyHandlers } from './on-lrs-key.ts';
import { endedSessionHandlers } from './on-ended-session.ts';
import { createMultipartAnswers } from './multipart-answer.ts';
import { createReceiveMetrics } from './receive-metrics.ts';
import { createRouter } from './router.ts';
import { createServiceResources } from './service-resources.ts';
import { createSiblings } from './siblings.ts';
import { openJobFiles } from '../jobs/job-files.ts';
import { createImportWork } from '../jobs/import-statements.ts';
import { startJobWorker } from '../jobs/job-worker.ts';
import { createDryRun, createTakeBatch } from '../jobs/take-batch.ts';
import { createStoreImport } from './store-import.ts';
import { createStoreExport } from './store-export.ts';
import { createStatementReading } from './statement-reading.ts';
import { createStatementsResource } from './statements.ts';
import { createUntilIngested } from './until-ingested.ts';
import { createRequireVoiding } from './voiding.ts';
import { createWatermark } from './watermark.ts';
import { createDocumentWrites } from './write-documents.ts';
import { createMultipartWriting } from './write-multipart.ts';

const drainMs = 5_000;

/** What no statement came to refer to is kept so long; far longer than a request takes. */
const sweepGraceMs = 60 * 60_000;
const sweepEveryMs = 60_000;

/** For batches of a few dozen to a hundred statements; 16 MiB in all. */
const batchBuffers = { bytes: 256 * 1024, smallest: 32 * 1024, buffers: 64 };

/** Starts the receiver: HTTP in, the log out, ClickHouse for reading. */
export async function startReceive(
  env: Env,
  logger: Logger = createLogger({ service: 'lrs-receive', level: env.LOG_LEVEL }),
): Promise<RunningService> {
  const metrics = createMetrics('lrs-receive');
  const siblings = createSiblings(env.LYCEUM_RECEIVER);
  const database = await openDatabase({
    serverUrl: env.DATABASE_URL,
    service: 'lrs',
    migrations: workspaceFile('lrs', 'prisma/migrations'),
    // With Kafka every request takes and confirms its ids in it.
    poolSize: env.KAFKA_BROKERS === undefined ? 8 : 14,
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
    handlers: { ...lrsKeyHandlers(store), ...endedSessionHandlers(store) },
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
  const digests = createStatementDigests(await store.sharedSecrets.selectOrInsert(digestSecret));
  const selectDropped = createSelectDropped(clickHouse, digests);
  const ids = await createStatementIds({
    ...{ log, store, query: database.query },
    ...{ selectByIds, selectDropped, withoutErased },
  });
  const clock = createStoredClock();
  const unguarded = createAcceptance({
    ids,
    withoutErased,
    publicUrl,
    pool,
    clock,
    onFailure: (error) => {
      logger.error({ err: error }, 'statements were not appended');
    },
  });
  const stopping = new AbortController();
  const watermark = createWatermark({
    receivers: store.receivers,
    oldestUnderWay: unguarded.oldestUnderWay,
    clock,
    siblings,
    onFailure: (error) => {
      logger.warn({ err: error }, 'the other receivers do not hear how far this one is');
    },
  });
  const behindMs = await watermark.takeUp();
  if (behindMs > 0)
    logger.warn(
      { behindMs },
      'the clock is behind what was stored before this start, and stored goes on from there',
    );
  const acceptance = guardAcceptance(unguarded, {
    requireVoiding: createRequireVoiding({ reader, publicUrl }),
    announce: watermark.announce,
  });
  const consistentThrough = createConsistentThrough({
    log,
    group: ingestGroup,
    reader,
    watermark,
    signal: stopping.signal,
  });
  const attachments = await openAttachments(env.LYCEUM_DATA_DIR, env.S3_URL, env.XAPI_ATTACHMENT_LIMIT);
  const sweep = createSweep({
    ...attachments,
    database: store,
    selectNamed: createSelectNamed(clickHouse),
    consistentThrough,
    graceMs: sweepGraceMs,
  });
  const sweeping = startRepeating(
    [{ name: 'sweep of attachments', everyMs: sweepEveryMs, run: sweep.run }],
    logger,
  );
  const keeper = createAttachmentKeeper({
    ...attachments,
    database: store,
    storageLimit: env.XAPI_ATTACHMENT_STORAGE,
  });
  const multipart = {
    ...createMultipartWriting({
      ...attachments,
      limits: {
        statements: bodyLimit,
        attachment: env.XAPI_ATTACHMENT_LIMIT,
        body: env.XAPI_MULTIPART_LIMIT,
      },
      inFlight,
      acceptance,
      keeper,
      storageLimit: env.XAPI_ATTACHMENT_STORAGE,
      onFailure: (error) => {
        logger.error({ err: error }, 'attachments were not kept');
      },
    }),
    ...createMultipartAnswers({ ...attachments, attachments: store.attachments }),
  };
  const { onAccepted } = counted;
  const definitions = createDefinitionReader(clickHouse);
  const cursors = createMoreCursors({ secret: await store.sharedSecrets.selectOrInsert('more') });
  const untilIngested = createUntilIngested({ log, group: ingestGroup, signal: stopping.signal });
  const onUnread = (error: UnavailableError) => {
    logger.error({ err: error }, 'learning records were not read');
  };
  const reads = createBoundedReads({ withinMs: env.XAPI_READ_SECONDS * 1000 });
  const keyUse = createKeyUse({ append: (records) => log.append(records), logger });
  const service = createServiceResources({
    metrics,
    siblings,
    checks: [
      { name: 'postgres', check: () => database.check() },
      { name: 'event-log', check: () => log.check() },
      { name: 'attachments', check: () => attachments.store.check() },
    ],
  });
  const documents = documentStore(database.query);
  const documentOptions = {
    documents,
    writes: createDocumentWrites({ documents, inFlight, limit: env.XAPI_DOCUMENT_LIMIT }),
    body: { limit: env.XAPI_DOCUMENT_LIMIT, inFlight, pool },
    onFailure: (error: unknown) => {
      logger.error({ err: error }, 'documents were not reached');
    },
  };
  const jobFiles = await openJobFiles(env.LYCEUM_DATA_DIR, env.S3_URL);
  const imports = startJobWorker({
    store,
    works: {
      IMPORT: createImportWork({
        ...{ store, files: jobFiles, staging: attachments.staging },
        take: createTakeBatch({ database: store, keeper, acceptance }),
        dryRun: createDryRun({ database: store, selectByIds, selectDropped }),
      }),
    },
    logger,
  });
  const storeImport = createStoreImport({
    ...{ store, files: jobFiles, limit: env.STORE_IMPORT_LIMIT },
    onWhole: imports.wake,
  });
  const handle = createRouter({
    credentials: createCredentials({
      selectKey: store.lrsKeys.selectOptionalActive,
      onUsed: keyUse.note,
      bearerTokens: createBearerTokens({
        verifier: createTokenVerifier({ jwksUrl: env.JWKS_URL, issuer: publicUrl, audience: 'lyceum' }),
        selectIsEnded: store.endedSessions.selectIsEnded,
      }),
    }),
    statements: createStatementsResource({
      acceptance,
      get: createStatementReading({
        reader,
        ids,
        untilIngested,
        definitions,
        consistentThrough,
        cursors,
        multipart,
        inFlight,
        reads,
        publicUrl,
        onUnread,
      }),
      body: { limit: bodyLimit, inFlight, pool },
      multipart,
      onAccepted,
    }),
    activities: createActivitiesResource({ definitions, untilIngested, reads, onUnread }),
    agents: createAgentsResource({ definitions, untilIngested, reads, onUnread }),
    states: createDocumentsResource('STATE', documentOptions),
    activityProfiles: createDocumentsResource('ACTIVITY_PROFILE', documentOptions),
    agentProfiles: createDocumentsResource('AGENT_PROFILE', documentOptions),
    body: { limit: bodyLimit, inFlight, pool },
    storeImport: storeImport.put,
    storeExport: createStoreExport({ store, files: jobFiles }).get,
    service: service.resources,
  });
  const server = createXapiServer({
    handle,
    requestMs: env.XAPI_REQUEST_SECONDS * 1000,
    bytesPerSecond: env.XAPI_UPLOAD_RATE,
    logger,
    onAnswered: counted.onAnswered,
  });
  let url: string | undefined;
  if (siblings === undefined) {
    url = await server.listen({ host: env.HOST, port: env.PORT });
    logger.info({ url: `${url}/xapi` }, 'lrs-receive is ready');
  } else server.take(siblings);

  return {
    ...(url !== undefined && { url }),
    async stop() {
      service.stopping();
      await server.close(drainMs);
      await imports.stop();
      stopping.abort();
      await watermark.stop();
      await sweeping.stop();
      await keyUse.stop();
      await keys.stop();
      await log.close();
      attachments.store.close();
      jobFiles.close();
      await clickHouse.close();
      await database.close();
    },
  };
}

export const service: Service = { name: 'lrs-receive', start: () => startReceive(readEnv()) };

if (isMain(import.meta)) await runService(service);
