import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, subscribe, placesOfIds, readSchema } from '@lyceum/testing';
import { newOrganisation, runLearning, type LearningUnderTest, type Person } from './kit/learning.ts';
import { enrol, itemsOf, newCourse, publishCourse, publishMember, send, statement } from './kit/story.ts';

let learning: LearningUnderTest;
const ours = newOrganisation();
const theirs = newOrganisation();
const course = newCourse(ours.organisationId, [[{}, {}]]);
const theirCourse = newCourse(theirs.organisationId, [[{}]]);
let ids: { enrolment: string; progress: string; module: string; item: string };

beforeAll(async () => {
  learning = await runLearning();
  for (const each of [course, theirCourse]) await publishCourse(learning, each);
  for (const each of [ours.learner, theirs.admin, theirs.learner]) await publishMember(learning, each);
  await learning.settled();
  const enrolment = await enrol(learning, ours.learner, course.id);
  await send(learning, ours.organisationId, [statement(ours.learner, 'completed', itemsOf(course)[0]!.id)]);
  await learning.settled();
  const { id: progress } = await learning.prisma.courseProgress.findFirstOrThrow();
  const { id: module } = await learning.prisma.moduleProgress.findFirstOrThrow();
  const { id: item } = await learning.prisma.itemProgress.findFirstOrThrow();
  ids = { enrolment, progress, module, item };
});
afterAll(() => learning.stop());

const entities = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Enrolment { id }
    ... on CourseProgress { id modules { id items { id } } }
    ... on ModuleProgress { id }
    ... on ItemProgress { id status }
    ... on Course { myProgress { id } myEnrolment { id } progresses { nodes { id } totalCount } }
    ... on User { enrolments { nodes { id } totalCount } }
  }
}`;

const progress = 'query ($id: ID!, $learnerId: ID) { progress(courseId: $id, learnerId: $learnerId) { id } }';
const list = `query ($filter: EnrolmentFilter) { enrolments(filter: $filter) { nodes { id } totalCount } }`;
const create = `mutation ($input: EnrolmentCreateInput!) {
  enrolmentCreate(input: $input) { enrolment { status } userErrors { field message code } }
}`;
const withdraw = `mutation ($input: EnrolmentWithdrawInput!) {
  enrolmentWithdraw(input: $input) { enrolment { status } userErrors { field message code } }
}`;
const subscription = 'subscription ($courseId: ID) { progressUpdated(courseId: $courseId) { id } }';

/** Where an id goes in: one of ours, the type of its like that nobody has, and how somebody asks by either. */
interface Place {
  readonly ours: () => string;
  readonly type: string;
  readonly ask: (who: Person, id: string) => Promise<unknown>;
}

function operation(document: string, variables: (id: string, who: Person) => Record<string, unknown>) {
  return async (who: Person, id: string) => (await learning.as(who))(document, variables(id, who));
}

function reference(__typename: string) {
  return operation(entities, (id) => ({ representations: [{ __typename, id }] }));
}

/** The other ids of an operation are what the asker's own organisation has. */
const courseOf = ({ organisationId }: Person) =>
  organisationId === ours.organisationId ? course.id : theirCourse.id;
const ofCourse = { ours: () => course.id, type: 'course' };
const ofLearner = { ours: () => ours.learner.userId, type: 'user' };
const ofEnrolment = { ours: () => ids.enrolment, type: 'enrolment' };

const places: Record<string, Place> = {
  'Query.enrolment(id)': {
    ...ofEnrolment,
    ask: operation('query ($id: ID!) { enrolment(id: $id) { status } }', (id) => ({ id })),
  },
  'Query.enrolments(filter.courseId)': {
    ...ofCourse,
    ask: operation(list, (courseId) => ({ filter: { courseId } })),
  },
  'Query.enrolments(filter.learnerId)': {
    ...ofLearner,
    ask: operation(list, (learnerId) => ({ filter: { learnerId } })),
  },
  'Query.progress(courseId)': { ...ofCourse, ask: operation(progress, (id) => ({ id })) },
  'Query.progress(learnerId)': {
    ...ofLearner,
    ask: operation(progress, (learnerId, who) => ({ id: courseOf(who), learnerId })),
  },
  'Mutation.enrolmentCreate(input.courseId)': {
    ...ofCourse,
    ask: operation(create, (courseId) => ({ input: { courseId, idempotencyKey: newId('key') } })),
  },
  'Mutation.enrolmentCreate(input.learnerId)': {
    ...ofLearner,
    ask: operation(create, (learnerId, who) => ({
      input: { courseId: courseOf(who), learnerId, idempotencyKey: newId('key') },
    })),
  },
  'Mutation.enrolmentWithdraw(input.id)': {
    ...ofEnrolment,
    ask: operation(withdraw, (id) => ({ input: { id } })),
  },
  'Subscription.progressUpdated(courseId)': { ...ofCourse, ask: firstEvent },
  Enrolment: { ...ofEnrolment, ask: reference('Enrolment') },
  CourseProgress: { ours: () => ids.progress, type: 'progress', ask: reference('CourseProgress') },
  ModuleProgress: { ours: () => ids.module, type: 'module_progress', ask: reference('ModuleProgress') },
  ItemProgress: { ours: () => ids.item, type: 'item_progress', ask: reference('ItemProgress') },
  Course: { ...ofCourse, ask: reference('Course') },
  User: { ...ofLearner, ask: reference('User') },
};

/** What a subscription to the progress through a course says first. */
async function firstEvent(who: Person, courseId: string): Promise<unknown> {
  const token = await learning.issuer.tokenFor(who);
  const live = subscribe(learning.url, subscription, { token, variables: { courseId } });
  try {
    return await live.next();
  } finally {
    await live.close();
  }
}

const representations = () => [
  { __typename: 'Enrolment', id: ids.enrolment },
  { __typename: 'CourseProgress', id: ids.progress },
  { __typename: 'ModuleProgress', id: ids.module },
  { __typename: 'ItemProgress', id: ids.item },
  { __typename: 'Course', id: course.id },
  { __typename: 'User', id: ours.learner.userId },
];

test('the lists of another organisation are empty, its references null', async () => {
  const ask = await learning.as(theirs.admin);
  const { data } = await ask<{ _entities: unknown[] }>(entities, { representations: representations() });
  const nobody = { nodes: [], totalCount: 0 };
  expect(data._entities).toEqual([
    null,
    null,
    null,
    null,
    { __typename: 'Course', myProgress: null, myEnrolment: null, progresses: nobody },
    { __typename: 'User', enrolments: nobody },
  ]);
});

test('references lead to what the learner may see, and to what a leader may', async () => {
  const expected = [
    { __typename: 'Enrolment', id: ids.enrolment },
    {
      __typename: 'CourseProgress',
      id: ids.progress,
      modules: [{ id: ids.module, items: [{ id: ids.item }] }],
    },
    { __typename: 'ModuleProgress', id: ids.module },
    { __typename: 'ItemProgress', id: ids.item, status: 'COMPLETED' },
  ];
  const learner = await learning.as(ours.learner);
  const own = await learner<{ _entities: unknown[] }>(entities, { representations: representations() });
  expect(own.data._entities.slice(0, 4)).toEqual(expected);
  expect(own.data._entities[4]).toMatchObject({ myProgress: { id: ids.progress }, progresses: null });
  const instructor = await learning.as(ours.instructor);
  const all = await instructor<{ _entities: unknown[] }>(entities, { representations: representations() });
  expect(all.data._entities).toEqual([
    ...expected,
    {
      __typename: 'Course',
      myProgress: null,
      myEnrolment: null,
      progresses: { nodes: [{ id: ids.progress }], totalCount: 1 },
    },
    { __typename: 'User', enrolments: { nodes: [{ id: ids.enrolment }], totalCount: 1 } },
  ]);
});

test("what is another learner's is FORBIDDEN to a learner, with the permission that is missing", async () => {
  const ask = await learning.as(ours.another);
  const questions: [question: string, missing: string][] = [
    [`{ enrolment(id: "${ids.enrolment}") { id } }`, 'enrolment.read'],
    [`{ progress(courseId: "${course.id}", learnerId: "${ours.learner.userId}") { id } }`, 'progress.read'],
    [`{ enrolments(filter: { learnerId: "${ours.learner.userId}" }) { nodes { id } } }`, 'enrolment.read'],
    [
      `mutation { enrolmentWithdraw(input: { id: "${ids.enrolment}" }) { userErrors { code } } }`,
      'enrolment.withdraw',
    ],
  ];
  for (const [question, missing] of questions) {
    const { errors } = await ask(question);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', missing });
  }
  const { data, errors } = await ask<{ _entities: unknown[] }>(entities, {
    representations: representations(),
  });
  expect(data._entities.slice(0, 4)).toEqual([null, null, null, null]);
  expect(errors?.every(({ extensions }) => extensions['code'] === 'FORBIDDEN')).toBe(true);
});

test('a visitor is told to log in', async () => {
  const ask = graphqlClient(learning.url);
  const questions = [
    `{ enrolment(id: "${newId('enrolment')}") { id } }`,
    '{ enrolments { nodes { id } } }',
    `{ progress(courseId: "${course.id}") { id } }`,
    `mutation { enrolmentCreate(input: { courseId: "${course.id}", idempotencyKey: "k" }) { userErrors { code } } }`,
    `mutation { enrolmentWithdraw(input: { id: "${ids.enrolment}" }) { userErrors { code } } }`,
  ];
  for (const question of questions) {
    const { errors } = await ask(question);
    expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  }
});

test('the table has every place of the schema where an id goes in', async () => {
  const schema = await readSchema(graphqlClient(learning.url));
  expect(Object.keys(places).sort()).toEqual(placesOfIds(schema).sort());
});

describe.each(Object.entries(places))('%s', (name, { ours: ourId, type, ask }) => {
  /** The answer, with whatever id was asked for written in one way. */
  const answer = async (who: Person, id: string) =>
    JSON.stringify(await ask(who, id)).replaceAll(id, '(the id)');

  test.each(['admin', 'author', 'instructor', 'learner'] as const)(
    'of another organisation is to its %s what nobody has',
    async (role) => {
      const unknown = await answer(theirs[role], newId(type));
      expect(await answer(theirs[role], ourId())).toBe(unknown);
      expect(unknown).not.toContain('INTERNAL');
    },
  );

  // What subscribers receive of their own organisation, live.test.ts shows.
  if (name.startsWith('Subscription')) return;
  test('of the own organisation is something', async () => {
    expect(await answer(ours.admin, ourId())).not.toBe(await answer(ours.admin, newId(type)));
  });
});
