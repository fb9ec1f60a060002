import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { domainEvent } from '@lyceum/events';
import { newId, patiently } from '@lyceum/service';
import { tellCourse, tellEnrolment } from './kit/neighbours.ts';
import { assessmentCreate } from './kit/operations.ts';
import { createQuiz, foundSchool, startAttempt, startedAttempt, type School } from './kit/quiz.ts';
import { runAssessment, type RunningAssessment } from './kit/assessment.ts';
import { onCourseChanged } from '../src/events/on-course-changed.ts';
import { onEnrolmentChanged } from '../src/events/on-enrolment-changed.ts';
import { createStore } from '../src/store/store.ts';

describe('what catalog and learning tell', () => {
  let running: RunningAssessment;
  let school: School;

  beforeAll(async () => {
    running = await runAssessment();
    school = await foundSchool(running);
  });
  afterAll(() => running.stop());

  const codes = ({ userErrors }: { userErrors: readonly { code: string }[] }) =>
    userErrors.map(({ code }) => code);

  test('an event that comes late or twice changes nothing', async () => {
    const { organisationId } = school;
    const { id } = await tellCourse(running, organisationId, {
      revision: 5,
      assessmentIds: [newId('assessment')],
    });
    const before = await running.prisma.quizItem.findMany({ where: { courseId: id } });
    const store = createStore(running.prisma);
    const handle = onCourseChanged({ store })['course.updated']!;
    for (const revision of [4, 5]) {
      const course = {
        id,
        organisationId,
        title: 'Late',
        slug: 's',
        status: 'DRAFT' as const,
        revision,
        modules: [],
      };
      const { value } = domainEvent({
        type: 'course.updated',
        subject: id,
        organisation: organisationId,
        data: { course },
      });
      await handle(JSON.parse(value) as Parameters<typeof handle>[0]);
    }
    expect(await running.prisma.course.findUnique({ where: { id } })).toMatchObject({
      status: 'PUBLISHED',
      revision: 5,
    });
    expect(await running.prisma.quizItem.findMany({ where: { courseId: id } })).toEqual(before);
  });

  test('a withdrawal is not undone by the creation that comes again', async () => {
    const { organisationId, learner } = school;
    const courseId = newId('course');
    const told = { courseId, learnerId: learner.userId };
    const id = await tellEnrolment(running, organisationId, told);
    await tellEnrolment(running, organisationId, { ...told, id, status: 'WITHDRAWN', revision: 2 });
    const handle = onEnrolmentChanged({ store: createStore(running.prisma) })['enrolment.created']!;
    const enrolment = {
      id,
      ...told,
      status: 'ACTIVE' as const,
      revision: 1,
      updatedAt: new Date().toISOString(),
    };
    const { value } = domainEvent({
      type: 'enrolment.created',
      subject: id,
      organisation: organisationId,
      data: { enrolment },
    });
    await handle(JSON.parse(value) as Parameters<typeof handle>[0]);
    expect(await running.prisma.enrolment.findUnique({ where: { id } })).toMatchObject({
      status: 'WITHDRAWN',
    });
  });

  test('enrolling anew after a withdrawal opens the assessment again', async () => {
    const { organisationId, learner } = school;
    const { assessmentId, courseId } = await createQuiz(running, school);
    const { id } = await running.prisma.enrolment.findFirstOrThrow({ where: { courseId } });
    const told = { courseId, learnerId: learner.userId };
    await tellEnrolment(running, organisationId, { ...told, id, status: 'WITHDRAWN', revision: 2 });
    expect(codes(await startAttempt(learner, assessmentId))).toEqual(['NOT_ENROLLED']);
    await tellEnrolment(running, organisationId, told);
    expect((await startAttempt(learner, assessmentId)).userErrors).toEqual([]);
  });

  test('a course that drops the quiz item leaves the attempts that have begun', async () => {
    const { organisationId, learner } = school;
    const { assessmentId, courseId, itemId } = await createQuiz(running, school);
    const { id } = await startedAttempt(learner, assessmentId);
    await tellCourse(running, organisationId, { id: courseId, revision: 3 });
    const { data } = await learner.ask<{ attempt: object }>(
      'query ($id: ID!) { attempt(id: $id) { state item { id } } }',
      { id },
    );
    expect(data.attempt).toEqual({ state: 'IN_PROGRESS', item: { id: itemId } });
  });
});

describe('patience', () => {
  test('a client that was quicker than the events is waited for, not refused', async () => {
    const running = await runAssessment({ patienceMs: 10_000 });
    try {
      const school = await foundSchool(running);
      const { author, learner, organisationId } = school;
      const courseId = newId('course');
      const input = { courseId, title: 'Early' };
      const creating = author.ask<{ assessmentCreate: { assessment: { id: string } } }>(assessmentCreate, {
        input,
      });
      await tellCourse(running, organisationId, { id: courseId, status: 'DRAFT' });
      const { id: assessmentId } = (await creating).data.assessmentCreate.assessment;
      await running.prisma.assessment.findUniqueOrThrow({ where: { id: assessmentId } });

      const quiz = await createQuiz(running, school);
      const newcomer = await running.person('LEARNER', organisationId);
      const starting = startAttempt(newcomer, quiz.assessmentId);
      await tellEnrolment(running, organisationId, { courseId: quiz.courseId, learnerId: newcomer.userId });
      expect((await starting).userErrors).toEqual([]);
      expect(learner.userId).not.toBe(newcomer.userId);
    } finally {
      await running.stop();
    }
  });

  test('ends: what is never told is not found', async () => {
    // A clock of its own, by which each look takes 30 ms: a machine that stalls does not end the patience early.
    let now = 0;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
    const looks: number[] = [];
    const found = await patiently(async () => {
      looks.push(now);
      now += 30;
      return null;
    }, 75).finally(() => {
      clock.mockRestore();
    });
    expect(found).toBeUndefined();
    expect(looks).toEqual([0, 30]);
  });

  test('asks once where there is none, and no more than needed where there is', async () => {
    let asked = 0;
    expect(await patiently(async () => ((asked += 1), null), 0)).toBeUndefined();
    expect(asked).toBe(1);
    expect(await patiently(async () => 'known', 10_000)).toBe('known');
  });
});
