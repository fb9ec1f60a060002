import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import { createEventLog } from '@lyceum/events';
import { createSubgraph } from '@lyceum/graphql';
import { createLogger, createMetrics, listen, newId, workspaceFile, type HttpServer } from '@lyceum/service';
import { graphqlClient, prepareDatabase, temporaryDirectory } from '@lyceum/testing';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { createContext } from '../src/context.ts';
import { createAssessments } from '../src/domain/assessments.ts';
import { createAttempts } from '../src/domain/attempts.ts';
import { createQuestions } from '../src/domain/questions.ts';
import { createQuizPlaces } from '../src/domain/quiz-places.ts';
import { createAssessmentEvents } from '../src/events/assessment-events.ts';
import { followGradedAttempts } from '../src/events/graded-attempts.ts';
import { permissions } from '../src/permissions.ts';
import { resolvers } from '../src/resolvers/resolvers.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore } from '../src/store/store.ts';

/** The service wired as in main.ts, on a client that counts its queries. */
const organisationId = newId('org');
let server: HttpServer;
let url: string;
let queries: string[];
let stop: () => Promise<void>;

const viewer = {
  userId: newId('user'),
  organisationId,
  roles: ['ADMIN'],
  sessionId: newId('session'),
  scopes: [],
  expiresAt: new Date(Date.now() + 600_000),
} as const;

beforeAll(async () => {
  const serverUrl = await prepareDatabase(
    'assessment',
    workspaceFile('subgraphs/assessment', 'prisma/migrations'),
  );
  const connectionString = serviceDatabaseUrl(serverUrl, 'assessment');
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString }),
    log: [{ emit: 'event', level: 'query' }],
  });
  prisma.$on('query', ({ query }) => queries.push(query));
  queries = [];
  const logger = createLogger({ service: 'test', level: 'silent' });
  const metrics = createMetrics('test');
  const log = await createEventLog({ directory: temporaryDirectory(), clientId: 'test', logger });
  const live = await followGradedAttempts({ log, logger, metrics });
  const store = createStore(prisma);
  const assessments = createAssessments({ store, patienceMs: 0 });
  const services = {
    assessments,
    questions: createQuestions({ store }),
    attempts: createAttempts({
      store,
      events: createAssessmentEvents({ publicUrl: 'http://localhost:4000' }),
      quizPlaces: createQuizPlaces({ store, patienceMs: 0 }),
      assessments,
      live,
    }),
  };
  server = await createSubgraph({
    schemaFile: workspaceFile('subgraphs/assessment', 'schema.graphql'),
    resolvers,
    permissions,
    context: createContext(services),
    verifier: { verify: async () => viewer },
    logger,
    metrics,
    checks: [],
    production: false,
  });
  url = await listen(server, { host: '127.0.0.1', port: 0 });
  await fill(prisma);
  stop = async () => {
    await live.stop();
    await server.close();
    await log.close();
    await prisma.$disconnect();
  };
});
afterAll(() => stop());

/** Ten assessments of five questions, with three attempts each. */
async function fill(prisma: PrismaClient): Promise<void> {
  const courseId = newId('course');
  await prisma.course.create({
    data: { id: courseId, organisationId, title: 'Bread', status: 'PUBLISHED', revision: 1 },
  });
  for (let each = 0; each < 10; each += 1) {
    const assessmentId = newId('assessment');
    await prisma.assessment.create({
      data: { id: assessmentId, organisationId, courseId, title: `No. ${each}`, passingScore: 0.5 },
    });
    await prisma.quizItem.create({
      data: { id: newId('item'), organisationId, courseId, assessmentId, title: 'Quiz', place: each },
    });
    const { ask } = { ask: graphqlClient(url, 'token') };
    for (let place = 0; place < 5; place += 1) {
      await ask(
        `mutation ($input: QuestionCreateInput!) { questionCreate(input: $input) { userErrors { message } } }`,
        { input: { assessmentId, content: { text: `Q${place}`, trueFalse: { isTrue: true } } } },
      );
    }
    await prisma.enrolment.create({
      data: {
        id: newId('enrolment'),
        organisationId,
        courseId,
        learnerId: viewer.userId,
        status: 'ACTIVE',
        revision: 1,
      },
    });
    for (let number = 0; number < 3; number += 1) await takeQuiz(assessmentId);
  }
}

async function takeQuiz(assessmentId: string): Promise<void> {
  const ask = graphqlClient(url, 'token');
  const { data } = await ask<{ attemptStart: { attempt: { id: string } } }>(
    `mutation ($input: AttemptStartInput!) { attemptStart(input: $input) { attempt { id } userErrors { message } } }`,
    { input: { assessmentId, idempotencyKey: newId('key') } },
  );
  await ask(
    `mutation ($input: AttemptSubmitInput!) { attemptSubmit(input: $input) { userErrors { message } } }`,
    { input: { attemptId: data.attemptStart.attempt.id, idempotencyKey: newId('key') } },
  );
}

async function selectsOf(query: string): Promise<{ selects: number; data: object }> {
  queries = [];
  const { data, errors } = await graphqlClient(url, 'token')<object>(query);
  if (errors) throw new Error(JSON.stringify(errors));
  return { selects: queries.filter((text) => /^\s*SELECT/i.test(text)).length, data };
}

test('a page of assessments with questions, versions and keys costs one query a level', async () => {
  const { selects, data } = await selectsOf(`{ assessments(first: 10) { nodes {
    title questionCount maxScore
    questions { position assessment { title } version { text question { id } answerKey { generalFeedback } } }
  } } }`);
  expect(JSON.stringify(data).match(/"text"/g)).toHaveLength(50);
  // assessments, totals, questions, their assessments, versions, their questions, keys
  expect(selects).toBe(7);
});

test('a page of attempts with responses and questions costs one query a level', async () => {
  const { selects, data } = await selectsOf(`{ attempts(first: 30) { nodes {
    number assessment { title } score { raw }
    responses { question { text question { id } } answer { __typename } result { correctness feedback } }
  } } }`);
  expect(JSON.stringify(data).match(/"correctness"/g)).toHaveLength(150);
  // attempts, their assessments, responses and (Prisma's include) their versions, questions
  expect(selects).toBe(5);
});
