import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId, OBSERVER_PERMISSIONS } from '@lyceum/service';
import { eventually, subscribe, type GraphQLClient } from '@lyceum/testing';
import { newOrganisation, type LearningUnderTest, type Organisation } from './kit/learning.ts';
import { enrol, itemsOf, newCourse, publishCourse, send, statement, type CourseState } from './kit/story.ts';
import { twoLearners } from './kit/two-learners.ts';

// A parent who observes one learner of the academy, as their access token says.

let learning: LearningUnderTest;
let academy: Organisation;
let course: CourseState;
let seen: string;
let unseen: string;
let parent: GraphQLClient;
let claims: object;

beforeAll(async () => {
  ({ learning, academy, course, seen, unseen } = await twoLearners());
  const grants = [{ may: [...OBSERVER_PERMISSIONS], on: [academy.learner.userId] }];
  claims = { ...academy.person('OBSERVER'), grants };
  parent = await learning.as(claims as never);
});
afterAll(() => learning.stop());

const codeOf = async (question: string) => (await parent(question)).errors?.[0]?.extensions['code'];

test('an observer finds the enrolments and the progress of their learner, and of nobody else', async () => {
  const listed = await parent('{ enrolments { nodes { id progress { percent } } totalCount } }');
  expect(listed.errors).toBeUndefined();
  expect(listed.data).toMatchObject({
    enrolments: { nodes: [{ id: seen, progress: { percent: 0 } }], totalCount: 1 },
  });
  for (const [learner, enrolment, code] of [
    [academy.learner, seen, undefined],
    [academy.another, unseen, 'FORBIDDEN'],
  ] as const) {
    const of = `learnerId: "${learner.userId}"`;
    expect(await codeOf(`{ enrolments(filter: { ${of} }) { totalCount } }`)).toBe(code);
    expect(await codeOf(`{ enrolment(id: "${enrolment}") { id progress { id } } }`)).toBe(code);
    expect(
      await codeOf(`{ progress(courseId: "${course.id}", ${of}) { modules { items { status } } } }`),
    ).toBe(code);
    const references = `[{ __typename: "User", id: "${learner.userId}" }]`;
    expect(
      await codeOf(
        `{ _entities(representations: ${references}) { ... on User { enrolments { totalCount } } } }`,
      ),
    ).toBe(code);
  }
});

test('an observer sees no course as its instructor does, and changes nothing', async () => {
  const references = `[{ __typename: "Course", id: "${course.id}" }]`;
  expect(
    await codeOf(
      `{ _entities(representations: ${references}) { ... on Course { progresses { totalCount } } } }`,
    ),
  ).toBe('FORBIDDEN');
  const input = `courseId: "${course.id}", learnerId: "${academy.learner.userId}", idempotencyKey: "k"`;
  expect(await codeOf(`mutation { enrolmentCreate(input: { ${input} }) { userErrors { code } } }`)).toBe(
    'FORBIDDEN',
  );
  expect(
    await codeOf(`mutation { enrolmentWithdraw(input: { id: "${seen}" }) { userErrors { code } } }`),
  ).toBe('FORBIDDEN');
});

test("another organisation's learner is none, whoever says so in a token of this one", async () => {
  const elsewhere = newOrganisation();
  const theirs = newCourse(elsewhere.organisationId, [[{}]]);
  await publishCourse(learning, theirs);
  await learning.settled();
  const enrolment = await enrol(learning, elsewhere.learner, theirs.id);
  const grants = [{ may: [...OBSERVER_PERMISSIONS], on: [elsewhere.learner.userId] }];
  const ask = await learning.as({ ...academy.person('OBSERVER'), grants } as never);
  const { data } = await ask('{ enrolments { nodes { id } totalCount } }');
  expect(data).toEqual({ enrolments: { nodes: [], totalCount: 0 } });
  const { errors } = await ask(`{ enrolment(id: "${enrolment}") { id } }`);
  const unknown = await ask(`{ enrolment(id: "${newId('enrolment')}") { id } }`);
  expect([errors?.[0]?.extensions['code'], unknown.errors?.[0]?.extensions['code']]).toEqual([
    'NOT_FOUND',
    'NOT_FOUND',
  ]);
});

interface Event {
  progressUpdated: { percent: number; learner: { id: string }; course: { id: string } };
}

/** What somebody is told from now on. */
async function follow(who: object, before: number) {
  const live = subscribe<Event>(
    learning.url,
    'subscription { progressUpdated { percent learner { id } course { id } } }',
    { token: await learning.issuer.tokenFor(who) },
  );
  await live.connected;
  await eventually(async () => {
    const metrics = await (await fetch(`${learning.url}/metrics`)).text();
    expect(metrics).toMatch(new RegExp(`^lyceum_live_subscribers\\{[^}]*\\} ${before + 1}$`, 'm'));
  });
  return live;
}

test('an observer follows the progress of their learner, and of nobody else', async () => {
  const live = await follow(claims, 0);
  const done = (learner: typeof academy.learner, item: number) =>
    send(learning, academy.organisationId, [statement(learner, 'completed', itemsOf(course)[item]!.id)]);
  await done(academy.another, 0);
  await learning.settled();
  await done(academy.learner, 0);
  const { data } = await live.next();
  expect(data.progressUpdated).toMatchObject({ percent: 50, learner: { id: academy.learner.userId } });
  await live.close();
});

test('who teaches one course follows the progress of all its learners, and none in another', async () => {
  const other = newCourse(academy.organisationId, [[{}]]);
  await publishCourse(learning, other);
  await learning.settled();
  await enrol(learning, academy.learner, other.id);
  await learning.settled();
  await eventually(async () => {
    const metrics = await (await fetch(`${learning.url}/metrics`)).text();
    expect(metrics).toMatch(/^lyceum_live_subscribers\{[^}]*\} 0$/m);
  });
  const grants = [{ may: ['INSTRUCTOR'], on: [course.id] }];
  const live = await follow({ ...academy.person('LEARNER'), grants }, 0);
  const done = (learner: typeof academy.learner, item: { id: string }) =>
    send(learning, academy.organisationId, [statement(learner, 'completed', item.id)]);
  await done(academy.learner, itemsOf(other)[0]!);
  await learning.settled();
  await done(academy.another, itemsOf(course)[1]!);
  expect((await live.next()).data.progressUpdated).toMatchObject({
    percent: 100,
    learner: { id: academy.another.userId },
    course: { id: course.id },
  });
  await live.close();
});
