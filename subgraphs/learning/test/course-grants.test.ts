import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import type { GraphQLClient } from '@lyceum/testing';
import { newOrganisation, runLearning, type LearningUnderTest, type Organisation } from './kit/learning.ts';
import { enrol, newCourse, publishCourse, publishMember, type CourseState } from './kit/story.ts';

// A learner of the academy who is the instructor of one course of it.

let learning: LearningUnderTest;
let academy: Organisation;
let granted: CourseState;
let other: CourseState;
let inGranted: string;
let inOther: string;
let holder: GraphQLClient;

beforeAll(async () => {
  learning = await runLearning();
  academy = newOrganisation();
  granted = newCourse(academy.organisationId, [[{}]]);
  other = newCourse(academy.organisationId, [[{}]]);
  for (const course of [granted, other]) await publishCourse(learning, course);
  for (const person of [academy.learner, academy.another]) await publishMember(learning, person);
  await learning.settled();
  inGranted = await enrol(learning, academy.learner, granted.id);
  inOther = await enrol(learning, academy.learner, other.id);
  const grants = [{ may: ['INSTRUCTOR'], on: [granted.id] }];
  holder = await learning.as({ ...academy.another, roles: ['LEARNER'], grants } as never);
});
afterAll(() => learning.stop());

const codeOf = async (question: string) => (await holder(question)).errors?.[0]?.extensions['code'];

test('sees the enrolments and the progress of that course, and of no other', async () => {
  const learnerId = academy.learner.userId;
  const seen = await holder<{ enrolments: { nodes: { id: string }[]; totalCount: number } }>(
    '{ enrolments { nodes { id } totalCount } }',
  );
  expect(seen.data.enrolments).toEqual({ nodes: [{ id: inGranted }], totalCount: 1 });
  const ofLearner = `filter: { learnerId: "${learnerId}" }`;
  const narrowed = await holder(`{ enrolments(${ofLearner}) { nodes { id } totalCount } }`);
  expect(narrowed.data).toEqual(seen.data);

  for (const [course, enrolment, code] of [
    [granted, inGranted, undefined],
    [other, inOther, 'FORBIDDEN'],
  ] as const) {
    expect(await codeOf(`{ enrolment(id: "${enrolment}") { id progress { id } } }`)).toBe(code);
    expect(await codeOf(`{ progress(courseId: "${course.id}", learnerId: "${learnerId}") { id } }`)).toBe(
      code,
    );
    const references = `[{ __typename: "Course", id: "${course.id}" }]`;
    expect(
      await codeOf(
        `{ _entities(representations: ${references}) { ... on Course { progresses { totalCount } } } }`,
      ),
    ).toBe(code);
  }
});

test("of a person, sees the enrolments in that course; one's own in all", async () => {
  const own = await enrol(learning, academy.another, other.id);
  const enrolmentsOf = async (userId: string) => {
    const { data } = await holder<{ _entities: [{ enrolments: object }] }>(
      `query ($of: [_Any!]!) {
        _entities(representations: $of) { ... on User { enrolments { nodes { id } totalCount } } }
      }`,
      { of: [{ __typename: 'User', id: userId }] },
    );
    return data._entities[0].enrolments;
  };
  expect(await enrolmentsOf(academy.learner.userId)).toEqual({ nodes: [{ id: inGranted }], totalCount: 1 });
  expect(await enrolmentsOf(academy.another.userId)).toEqual({ nodes: [{ id: own }], totalCount: 1 });
});

test('enrols and withdraws others in that course, and in no other', async () => {
  const learner = newOrganisation().learner;
  const member = { ...learner, organisationId: academy.organisationId };
  await publishMember(learning, member);
  await learning.settled();
  const enrolIn = (courseId: string) => `mutation {
    enrolmentCreate(input: { courseId: "${courseId}", learnerId: "${member.userId}", idempotencyKey: "k${courseId}" }) {
      enrolment { id } userErrors { code } } }`;
  expect(await codeOf(enrolIn(other.id))).toBe('FORBIDDEN');
  expect(await codeOf(enrolIn(newId('course')))).toBe('FORBIDDEN');
  const { data } = await holder<{ enrolmentCreate: { enrolment: { id: string } } }>(enrolIn(granted.id));
  const withdraw = (id: string) =>
    `mutation { enrolmentWithdraw(input: { id: "${id}" }) { userErrors { code } } }`;
  expect(await codeOf(withdraw(inOther))).toBe('FORBIDDEN');
  expect(await codeOf(withdraw(data.enrolmentCreate.enrolment.id))).toBeUndefined();
});
