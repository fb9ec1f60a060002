import { join } from 'node:path';
import { createEventLog, createOutboxRelay } from '@lyceum/events';
import { consumeGroups } from '@lyceum/events/groups';
import { consumePersonalDataRequests } from '@lyceum/events/personal-data';
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
import { createCorrections } from './domain/corrections.ts';
import { createCourses } from './domain/courses.ts';
import { createEnrolments } from './domain/enrolments.ts';
import { createHeardStatements } from './domain/heard-statements.ts';
import { createMembers } from './domain/members.ts';
import { createProgress } from './domain/progress.ts';
import { createEvidenceRecorder } from './domain/record-evidence.ts';
import { readEnv, type Env } from './env.ts';
import { startCorrectionWorker } from './events/correction-worker.ts';
import { createLearningEvents } from './events/learning-events.ts';
import { consumeAssessmentEvents } from './events/on-attempt-graded.ts';
import { consumeCatalogEvents } from './events/on-catalog-events.ts';
import { consumeIdentityEvents } from './events/on-identity-events.ts';
import { consumeStatements } from './events/on-statements.ts';
import { createLiveProgress } from './events/live-progress.ts';
import { permissions } from './permissions.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { PrismaClient } from './store/generated/client.ts';
import { personalTablesOfLearning } from './store/personal-tables.ts';
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
  const events = createLearningEvents({ publicUrl });
  const recorder = createEvidenceRecorder({ store, events });
  const statements = createHeardStatements({ store, recorder });
  const services = {
    enrolments: createEnrolments({ store, events, patienceMs }),
    progress: createProgress({ store, live }),
  };

  const worker = startCorrectionWorker({ corrections: createCorrections({ store, events }), logger });
  const onChange = () => {
    worker.wake();
  };
  const consumers = await Promise.all([
    consumeCatalogEvents({ log, logger, courses: createCourses({ store }), onChange }),
    consumeIdentityEvents({ log, logger, members: createMembers({ store }), onChange }),
    consumeGroups({ log, logger, service: 'learning', store }),
    consumeAssessmentEvents({ log, logger, recorder }),
    consumeStatements({ log, publicUrl, statements, metrics }),
    consumePersonalDataRequests({
      log,
      logger,
      service: 'learning',
      topic: 'learning.events',
      tables: personalTablesOfLearning,
      database: store,
    }),
  ]);

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
