import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  newOrganisation,
  runLearning,
  type LearningUnderTest,
  type Organisation,
  type Person,
} from './kit/learning.ts';
import {
  enrol,
  itemsOf,
  newCourse,
  progressOf,
  publishCourse,
  publishMember,
  publishUser,
  send,
  statement,
  type CourseState,
} from './kit/story.ts';

let learning: LearningUnderTest;
beforeAll(async () => {
  learning = await runLearning();
});
afterAll(() => learning.stop());

let bakers: Organisation;

/** A course of two modules: three required items and an optional one, the last a quiz. */
async function startCourse(): Promise<CourseState> {
  bakers = newOrganisation();
  const course = newCourse(bakers.organisationId, [
    [{}, { type: 'VIDEO' }, { required: false }],
    [{ type: 'QUIZ' }],
  ]);
  await publishCourse(learning, course);
  await publishMember(learning, bakers.learner, 'baker@lyceum.example');
  await learning.settled();
  return course;
}

test('completing an item moves its module and its course', async () => {
  const course = await startCourse();
  const [page] = itemsOf(course);
  await enrol(learning, bakers.learner, course.id);
  expect(await progressOf(learning, bakers.learner, course.id)).toMatchObject({
    percent: 0,
    status: 'NOT_STARTED',
    completedItems: 0,
    requiredItems: 3,
    startedAt: null,
  });

  const at = new Date('2026-11-20T09:00:00.000Z');
  await send(learning, bakers.organisationId, [statement(bakers.learner, 'completed', page!.id, at)]);
  await learning.settled();

  expect(await progressOf(learning, bakers.learner, course.id)).toMatchObject({
    percent: 33,
    status: 'STARTED',
    completedItems: 1,
    startedAt: at.toISOString(),
    completedAt: null,
    modules: [
      { percent: 50, status: 'STARTED', items: [{ status: 'COMPLETED', item: { id: page!.id } }] },
      { percent: 0, status: 'NOT_STARTED', items: [] },
    ],
  });
});

test('the same statements twice, backwards, one by one or at once lead to the same progress', async () => {
  const course = await startCourse();
  const [page, video, extra, quiz] = itemsOf(course);
  const { learner, organisationId } = bakers;
  await enrol(learning, learner, course.id);
  const told = [
    statement(learner, 'launched', page!.id, new Date('2026-11-20T09:00:00Z')),
    statement(learner, 'completed', page!.id, new Date('2026-11-20T09:10:00Z')),
    statement(learner, 'experienced', extra!.id, new Date('2026-11-20T09:15:00Z')),
    statement(learner, 'passed', video!.id, new Date('2026-11-20T09:20:00Z')),
    statement(learner, 'failed', quiz!.id, new Date('2026-11-20T09:30:00Z')),
  ];
  for (const each of [...told].reverse()) await send(learning, organisationId, [each]);
  await learning.settled();
  const after = await progressOf(learning, learner, course.id);
  expect(after).toMatchObject({
    percent: 66,
    completedItems: 2,
    startedAt: '2026-11-20T09:00:00.000Z',
    modules: [
      { status: 'COMPLETED', items: [{ status: 'COMPLETED' }, { status: 'PASSED' }, { status: 'STARTED' }] },
      { status: 'STARTED', percent: 0, items: [{ status: 'FAILED' }] },
    ],
  });

  await send(learning, organisationId, [...told, ...told]);
  await send(learning, organisationId, told);
  await learning.settled();
  expect(await progressOf(learning, learner, course.id)).toEqual(after);
});

test('a course was completed when the last of its items was, in whatever order that is told', async () => {
  const { learner, another, organisationId } = newOrganisation();
  const course = newCourse(organisationId, [
    [{}, {}],
    [{}, { required: false }],
  ]);
  const [one, two, three, extra] = itemsOf(course).map(({ id }) => id);
  await publishCourse(learning, course);
  await learning.settled();
  await enrol(learning, learner, course.id);
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 20, hour));
  const tell = async (itemId: string, hour: number) => {
    const told = [learner, another].map((who) => statement(who, 'completed', itemId, at(hour)));
    await send(learning, organisationId, told);
    await learning.settled();
  };
  const completions = async (who: Person) => {
    const where = { courseId: course.id, learnerId: who.userId };
    const { completedAt } = await learning.prisma.courseProgress.findFirstOrThrow({ where });
    const modules = await learning.prisma.moduleProgress.findMany({ where, orderBy: { moduleId: 'asc' } });
    return [completedAt, ...modules.map((module) => module.completedAt)];
  };

  await tell(one!, 12);
  await tell(three!, 11);
  await tell(extra!, 14);
  expect(await completions(learner)).toEqual([null, null, at(11)]);
  await tell(two!, 10);
  expect(await completions(learner)).toEqual([at(12), at(12), at(11)]);
  await tell(one!, 9);
  expect(await completions(learner)).toEqual([at(11), at(10), at(11)]);
  await tell(three!, 13);
  expect(await completions(learner)).toEqual([at(11), at(10), at(11)]);

  // Counted anew, when the other one enrols, it is the same; and when the course has lost the last item.
  await enrol(learning, another, course.id);
  expect(await completions(another)).toEqual(await completions(learner));
  await publishCourse(learning, { ...course, revision: 2, modules: course.modules.slice(0, 1) });
  await learning.settled();
  expect(await completions(learner)).toEqual([at(10), at(10)]);
});

test('a quiz is completed only by passing it, and a later failure takes nothing away', async () => {
  const course = await startCourse();
  const quiz = itemsOf(course)[3]!;
  const { learner, organisationId } = bakers;
  await enrol(learning, learner, course.id);
  await send(learning, organisationId, [statement(learner, 'completed', quiz.id)]);
  await learning.settled();
  expect(await progressOf(learning, learner, course.id)).toMatchObject({
    completedItems: 0,
    status: 'STARTED',
  });

  await send(learning, organisationId, [statement(learner, 'passed', quiz.id)]);
  await send(learning, organisationId, [statement(learner, 'failed', quiz.id)]);
  await learning.settled();
  expect(await progressOf(learning, learner, course.id)).toMatchObject({ completedItems: 1, percent: 33 });
});

test('a passed attempt completes the quiz item, a failed one does not', async () => {
  const course = await startCourse();
  const quiz = itemsOf(course)[3]!;
  const { learner, organisationId } = bakers;
  await enrol(learning, learner, course.id);
  const at = '2026-11-20T10:00:00.000Z';
  const attempt = {
    id: 'attempt_1',
    assessmentId: quiz.assessmentId!,
    courseId: course.id,
    itemId: quiz.id,
    learnerId: learner.userId,
    status: 'GRADED' as const,
    score: { raw: 1, max: 4, scaled: 0.25 },
    passed: false,
    startedAt: at,
    submittedAt: at,
    gradedAt: at,
    revision: 3,
  };
  const grade = (passed: boolean) =>
    learning.publish({
      type: 'attempt.graded',
      subject: attempt.id,
      organisation: organisationId,
      data: { attempt: { ...attempt, passed } },
    });
  await grade(false);
  await learning.settled();
  expect(await progressOf(learning, learner, course.id)).toMatchObject({ completedItems: 0 });
  await grade(true);
  await grade(true);
  await learning.settled();
  expect(await progressOf(learning, learner, course.id)).toMatchObject({
    completedItems: 1,
    modules: [{}, { status: 'COMPLETED', items: [{ status: 'PASSED' }] }],
  });
});

test('statements that come before the enrolment, the course and the member count once those are there', async () => {
  const { organisationId, learner } = newOrganisation();
  const course = newCourse(organisationId, [[{}, {}]]);
  const [first] = itemsOf(course);
  await send(learning, organisationId, [statement(learner, 'completed', first!.id)]);
  await learning.settled();
  await publishCourse(learning, course);
  await learning.settled();
  await enrol(learning, learner, course.id);
  expect(await progressOf(learning, learner, course.id)).toMatchObject({ percent: 50, completedItems: 1 });
});

test('an actor by mbox is the member who has verified the address, also if only afterwards', async () => {
  const course = await startCourse();
  const [page, video] = itemsOf(course);
  const { organisationId, learner, another } = bakers;
  await enrol(learning, learner, course.id);
  await enrol(learning, another, course.id);
  await send(learning, organisationId, [
    statement({ mbox: 'mailto:Baker@Lyceum.example' }, 'completed', page!.id),
    statement({ mbox: 'mailto:other-baker@lyceum.example' }, 'completed', page!.id),
    statement({ mbox: 'mailto:other-baker@lyceum.example' }, 'completed', video!.id),
  ]);
  await learning.settled();
  expect(await progressOf(learning, learner, course.id)).toMatchObject({ completedItems: 1 });
  expect(await progressOf(learning, another, course.id)).toMatchObject({ completedItems: 0 });

  const user = { id: another.userId, email: 'other-baker@lyceum.example', emailVerified: false, revision: 1 };
  await publishUser(learning, user);
  await learning.settled();
  expect(await progressOf(learning, another, course.id)).toMatchObject({ completedItems: 0 });
  await publishUser(learning, { ...user, emailVerified: true, revision: 2 });
  await learning.settled();
  expect(await progressOf(learning, another, course.id)).toMatchObject({ completedItems: 2 });
  expect(await progressOf(learning, learner, course.id)).toMatchObject({ completedItems: 1 });
});

test("what a key of one organisation says of an item of another is nobody's progress", async () => {
  const course = await startCourse();
  const [page] = itemsOf(course);
  await enrol(learning, bakers.learner, course.id);
  await send(learning, newOrganisation().organisationId, [statement(bakers.learner, 'completed', page!.id)]);
  await learning.settled();
  expect(await progressOf(learning, bakers.learner, course.id)).toMatchObject({
    completedItems: 0,
    status: 'NOT_STARTED',
  });
});

test('statements about anything else, or by anybody else, are passed over', async () => {
  const course = await startCourse();
  const [page] = itemsOf(course);
  const { organisationId, learner } = bakers;
  await enrol(learning, learner, course.id);
  const wellFormed = statement(learner, 'completed', page!.id);
  await send(learning, organisationId, [
    { ...wellFormed, object: { id: 'https://elsewhere.example/page' } },
    { ...wellFormed, object: { objectType: 'StatementRef', id: '8f2b4d1e-5f0a-4f43-9d55-2f9a8f6c9a11' } },
    { ...wellFormed, verb: { id: 'https://elsewhere.example/verbs/baked' } },
    { ...wellFormed, actor: { objectType: 'Group', mbox: 'mailto:baker@lyceum.example' } },
    { ...wellFormed, actor: { account: { homePage: 'https://elsewhere.example', name: learner.userId } } },
    statement(learner, 'completed', 'not-an-item'),
  ]);
  await learning.settled();
  expect(await progressOf(learning, learner, course.id)).toMatchObject({ status: 'NOT_STARTED' });
  expect(await learning.prisma.itemProgress.count({ where: { organisationId } })).toBe(0);
});

test('a record that can not be read goes to the dead letters, and those around it count', async () => {
  const course = await startCourse();
  const [page, video] = itemsOf(course);
  const { organisationId, learner } = bakers;
  await enrol(learning, learner, course.id);
  await send(learning, organisationId, [statement(learner, 'completed', page!.id)]);
  const headers = { organisation: organisationId, count: '1', format: 'statement-lines-1', lyceum: '1' };
  await learning.log.append([{ topic: 'statements', key: organisationId, value: 'nonsense\n', headers }]);
  await send(learning, organisationId, [statement(learner, 'completed', video!.id)]);
  await learning.settled();
  expect(await progressOf(learning, learner, course.id)).toMatchObject({ completedItems: 2 });
});
