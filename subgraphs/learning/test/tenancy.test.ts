import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, subscribe } from '@lyceum/testing';
import { newOrganisation, runLearning, type LearningUnderTest } from './learning.ts';
import {
  enrol,
  itemsOf,
  newCourse,
  publishCourse,
  publishMember,
  send,
  statement,
  type CourseState,
} from './story.ts';

let learning: LearningUnderTest;
const ours = newOrganisation();
const theirs = newOrganisation();
let course: CourseState;
let enrolmentId: string;
let ids: { progress: string; module: string; item: string };

beforeAll(async () => {
  learning = await runLearning();
  course = newCourse(ours.organisationId, [[{}, {}]]);
  await publishCourse(learning, course);
  await publishMember(learning, ours.learner);
  await publishMember(learning, theirs.admin);
  await learning.settled();
  enrolmentId = await enrol(learning, ours.learner, course.id);
  await send(learning, ours.organisationId, [statement(ours.learner, 'completed', itemsOf(course)[0]!.id)]);
  await learning.settled();
  const { id: progress } = await learning.prisma.courseProgress.findFirstOrThrow();
  const { id: module } = await learning.prisma.moduleProgress.findFirstOrThrow();
  const { id: item } = await learning.prisma.itemProgress.findFirstOrThrow();
  ids = { progress, module, item };
});
afterAll(() => learning.stop());

const entities = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Enrolment { id }
    ... on CourseProgress { id modules { id items { id } } }
    ... on ModuleProgress { id }
    ... on ItemProgress { id status }
    ... on Course { myProgress { id } progresses { nodes { id } totalCount } }
    ... on User { enrolments { nodes { id } totalCount } }
  }
}`;

const representations = () => [
  { __typename: 'Enrolment', id: enrolmentId },
  { __typename: 'CourseProgress', id: ids.progress },
  { __typename: 'ModuleProgress', id: ids.module },
  { __typename: 'ItemProgress', id: ids.item },
  { __typename: 'Course', id: course.id },
  { __typename: 'User', id: ours.learner.userId },
];

test('an id of another organisation is NOT_FOUND in every operation', async () => {
  const ask = await learning.as(theirs.admin);
  const queries: [string, string][] = [
    [`{ enrolment(id: "${enrolmentId}") { id } }`, 'NOT_FOUND'],
    [`{ progress(courseId: "${course.id}") { id } }`, 'NOT_FOUND'],
    [`{ progress(courseId: "${course.id}", learnerId: "${ours.learner.userId}") { id } }`, 'NOT_FOUND'],
  ];
  for (const [query, code] of queries) {
    const { errors } = await ask(query);
    expect(errors?.[0]?.extensions['code']).toBe(code);
  }
  const enrolling = await ask(
    `mutation { enrolmentCreate(input: { courseId: "${course.id}", idempotencyKey: "k" }) { userErrors { code } } }`,
  );
  expect(enrolling.data).toEqual({ enrolmentCreate: { userErrors: [{ code: 'NOT_FOUND' }] } });
  const withdrawing = await ask(
    `mutation { enrolmentWithdraw(input: { id: "${enrolmentId}" }) { userErrors { code } } }`,
  );
  expect(withdrawing.data).toEqual({ enrolmentWithdraw: { userErrors: [{ code: 'NOT_FOUND' }] } });
});

test('our administrator does not find a member of theirs', async () => {
  const ask = await learning.as(ours.admin);
  const { errors } = await ask(
    `{ progress(courseId: "${course.id}", learnerId: "${theirs.admin.userId}") { id } }`,
  );
  expect(errors?.[0]?.extensions['code']).toBe('NOT_FOUND');
});

test('a subscription to a course of another organisation is NOT_FOUND', async () => {
  const token = await learning.issuer.tokenFor(theirs.admin);
  const live = subscribe(learning.url, `subscription { progressUpdated(courseId: "${course.id}") { id } }`, {
    token,
  });
  expect((await live.next()).errors?.[0]?.extensions).toMatchObject({
    code: 'NOT_FOUND',
    field: ['courseId'],
  });
  await live.close();
});

test('the lists of another organisation are empty, its references null', async () => {
  const ask = await learning.as(theirs.admin);
  const { data } = await ask<{ _entities: unknown[] }>(entities, { representations: representations() });
  const nobody = { nodes: [], totalCount: 0 };
  expect(data._entities).toEqual([
    null,
    null,
    null,
    null,
    { __typename: 'Course', myProgress: null, progresses: nobody },
    { __typename: 'User', enrolments: nobody },
  ]);
});

test('references lead to what the learner may see, and to what a leader may', async () => {
  const expected = [
    { __typename: 'Enrolment', id: enrolmentId },
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
    { __typename: 'Course', myProgress: null, progresses: { nodes: [{ id: ids.progress }], totalCount: 1 } },
    { __typename: 'User', enrolments: { nodes: [{ id: enrolmentId }], totalCount: 1 } },
  ]);
});

test("what is another learner's is FORBIDDEN to a learner, with the role that is missing", async () => {
  const ask = await learning.as(ours.another);
  const questions = [
    `{ enrolment(id: "${enrolmentId}") { id } }`,
    `{ progress(courseId: "${course.id}", learnerId: "${ours.learner.userId}") { id } }`,
    `{ enrolments(filter: { learnerId: "${ours.learner.userId}" }) { nodes { id } } }`,
    `mutation { enrolmentWithdraw(input: { id: "${enrolmentId}" }) { userErrors { code } } }`,
  ];
  for (const question of questions) {
    const { errors } = await ask(question);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      missing: 'the role ADMIN or INSTRUCTOR',
    });
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
    `mutation { enrolmentWithdraw(input: { id: "${enrolmentId}" }) { userErrors { code } } }`,
  ];
  for (const question of questions) {
    const { errors } = await ask(question);
    expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  }
});
