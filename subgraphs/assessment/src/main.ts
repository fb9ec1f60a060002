import { join } from 'node:path';
import { consumeDomainEvents, createEventLog, createOutboxRelay } from '@lyceum/events';
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
import { createAssessments } from './domain/assessments.ts';
import { createAttempts } from './domain/attempts.ts';
import { createQuestions } from './domain/questions.ts';
import { createQuizPlaces } from './domain/quiz-places.ts';
import { readEnv, type Env } from './env.ts';
import { createAssessmentEvents } from './events/assessment-events.ts';
import { createGradedAttempts } from './events/graded-attempts.ts';
import { onCourseChanged } from './events/on-course-changed.ts';
import { onEnrolmentChanged } from './events/on-enrolment-changed.ts';
import { permissions } from './permissions.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { PrismaClient } from './store/generated/client.ts';
import { personalTablesOfAssessment } from './store/personal-tables.ts';
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
  const courseChanged = onCourseChanged(store);
  const enrolmentChanged = onEnrolmentChanged(store);
  const consumer = await consumeDomainEvents({
    log,
    topics: ['catalog.events', 'learning.events'],
    group: 'assessment',
    handlers: {
      'course.created': courseChanged,
      'course.updated': courseChanged,
      'course.published': courseChanged,
      'course.archived': courseChanged,
      'enrolment.created': enrolmentChanged,
      'enrolment.withdrawn': enrolmentChanged,
    },
    logger,
  });
  const personalData = await consumePersonalDataRequests({
    log,
    logger,
    service: 'assessment',
    topic: 'assessment.events',
    tables: personalTablesOfAssessment,
    database: store,
  });
  const groupConsumer = await consumeGroups({ log, logger, service: 'assessment', store });
  const live = createGradedAttempts({ log, logger, metrics });

  const patienceMs = env.EVENT_PATIENCE_MS;
  const events = createAssessmentEvents({ publicUrl: env.PUBLIC_URL });
  const assessments = createAssessments({ store, patienceMs });
  const quizPlaces = createQuizPlaces({ store, patienceMs });
  const services = {
    assessments,
    questions: createQuestions({ store }),
    attempts: createAttempts({ store, events, quizPlaces, assessments, live }),
  };

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
      await Promise.all([consumer.stop(), groupConsumer.stop(), personalData.stop()]);
      await relay.stop();
      await log.close();
      await database.close();
    },
  };
}

export const service: Service = { name: 'assessment', start: async () => startAssessment(readEnv()) };

if (isMain(import.meta)) await runService(service);
