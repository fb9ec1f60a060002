import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createSubgraph } from '@lyceum/graphql';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import {
  createLogger,
  createMetrics,
  createTokenVerifier,
  listen,
  workspaceFile,
  type HttpServer,
} from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { createContext } from '../src/context.ts';
import { noEvidence } from '../src/domain/evidence.ts';
import { createEvidenceRecorder } from '../src/domain/record-evidence.ts';
import { createLearningEvents } from '../src/events/learning-events.ts';
import { permissions } from '../src/permissions.ts';
import { resolvers } from '../src/resolvers/resolvers.ts';
import { createServices } from '../src/services.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore } from '../src/store/store.ts';
import { newOrganisation, publicUrl, runLearning, type LearningUnderTest } from './kit/learning.ts';
import { enrol, itemsOf, newCourse, publishCourse, send, statement, type CourseState } from './kit/story.ts';

// The same resolvers, loaders and store as the service has, on a client that tells of each query.

let learning: LearningUnderTest;
let server: HttpServer;
let ask: GraphQLClient;
const queries: string[] = [];
const school = newOrganisation();
const learners = Array.from({ length: 10 }, () => school.person('LEARNER'));
const courses: CourseState[] = [];

function countingClient(databaseUrl: string) {
  const connectionString = serviceDatabaseUrl(databaseUrl, 'learning');
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString, max: 5 }),
    log: [{ emit: 'event', level: 'query' }],
  });
  prisma.$on('query', ({ query }) => queries.push(query));
  return prisma;
}

let counting: ReturnType<typeof countingClient>;

beforeAll(async () => {
  learning = await runLearning();
  for (let made = 0; made < 3; made += 1) courses.push(newCourse(school.organisationId, [[{}, {}], [{}]]));
  for (const course of courses) await publishCourse(learning, course);
  await learning.settled();
  for (const learner of learners) for (const course of courses) await enrol(learning, learner, course.id);
  const all = courses.flatMap(itemsOf);
  await send(
    learning,
    school.organisationId,
    learners.flatMap((learner) => all.map(({ id }) => statement(learner, 'completed', id))),
  );
  await learning.settled();

  counting = countingClient(learning.databaseUrl);
  const store = createStore(counting);
  const live = {
    subscribe: () => {
      throw new Error('not here');
    },
    stop: async () => undefined,
  };
  server = await createSubgraph({
    schemaFile: workspaceFile('subgraphs/learning', 'schema.graphql'),
    resolvers,
    permissions,
    context: createContext(store, createServices({ store, live, publicUrl, patienceMs: 0 }).services),
    verifier: createTokenVerifier({
      jwksUrl: learning.issuer.jwksUrl,
      issuer: publicUrl,
      audience: 'lyceum',
    }),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
    checks: [],
    production: false,
  });
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  ask = graphqlClient(url, await learning.issuer.tokenFor(school.instructor));
});
afterAll(async () => {
  await server.close();
  await counting.$disconnect();
  await learning.stop();
});
beforeEach(() => {
  queries.splice(0);
});

test('a page of enrolments with progress, modules and items costs one query a level', async () => {
  const { data } = await ask<{ enrolments: { nodes: { progress: { modules: { items: unknown[] }[] } }[] } }>(
    '{ enrolments(first: 30) { nodes { id progress { percent modules { percent items { status } } } } } }',
  );
  expect(data.enrolments.nodes).toHaveLength(30);
  expect(data.enrolments.nodes.every(({ progress }) => progress.modules[0]!.items.length === 2)).toBe(true);
  expect(queries).toHaveLength(4);
});

test('a connection of each of many courses and of each of many learners costs one query, and one for the totals', async () => {
  const { data } = await ask<{
    _entities: {
      progresses?: { nodes: unknown[]; totalCount: number };
      enrolments?: { nodes: unknown[]; totalCount: number };
    }[];
  }>(
    `query ($representations: [_Any!]!) {
      _entities(representations: $representations) {
        ... on Course { progresses(first: 5) { nodes { percent } totalCount } }
        ... on User { enrolments(last: 2) { nodes { id } totalCount } }
      }
    }`,
    {
      representations: [
        ...courses.map(({ id }) => ({ __typename: 'Course', id })),
        ...learners.map(({ userId }) => ({ __typename: 'User', id: userId })),
      ],
    },
  );
  const [course, learner] = [data._entities[0]!, data._entities.at(-1)!];
  expect(course.progresses).toMatchObject({ totalCount: 10, nodes: { length: 5 } });
  expect(learner.enrolments).toMatchObject({ totalCount: 3, nodes: { length: 2 } });
  expect(queries).toHaveLength(4);
});

test('references to many objects of a type cost one query for the type', async () => {
  const rows = await learning.prisma.courseProgress.findMany({ take: 20 });
  const { data } = await ask<{ _entities: unknown[] }>(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on CourseProgress { percent } } }`,
    { representations: rows.map(({ id }) => ({ __typename: 'CourseProgress', id })) },
  );
  expect(data._entities).toHaveLength(20);
  expect(queries).toHaveLength(1);
});

test('a batch of evidence costs as many queries for all learners as for one', async () => {
  const recorder = createEvidenceRecorder({
    store: createStore(counting),
    events: createLearningEvents({ publicUrl }),
  });
  const record = async (people: typeof learners, itemIds: readonly string[]) => {
    queries.splice(0);
    await recorder.record(
      people.flatMap(({ userId: learnerId, organisationId }) =>
        itemIds.map((itemId) => ({
          ...noEvidence,
          startedAt: new Date(0),
          organisationId,
          learnerId,
          itemId,
        })),
      ),
    );
    return queries.length;
  };
  const one = await record(learners.slice(0, 1), [itemsOf(courses[0]!)[0]!.id]);
  const all = await record(
    learners.slice(1),
    courses.flatMap(itemsOf).map(({ id }) => id),
  );
  // BEGIN, the learners' locks, what is known, their courses, their modules, what is written, COMMIT: each is a wait
  // between a statement and a screen.
  expect({ one, all }).toEqual({ one: 7, all: 7 });
});
