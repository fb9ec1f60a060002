import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { subscribe, type LiveSubscription } from '@lyceum/testing';
import { liveSubscribers } from './kit/live-subscribers.ts';
import { tellEnrolment } from './kit/neighbours.ts';
import { createQuiz, foundSchool, startedAttempt, submit, type Quiz, type School } from './kit/quiz.ts';
import { runAssessment, type Person, type RunningAssessment } from './kit/assessment.ts';

interface Graded {
  readonly attemptGraded: {
    readonly id: string;
    readonly passed: boolean;
    readonly learner: { readonly id: string };
  };
}

describe('attemptGraded', () => {
  let running: RunningAssessment;
  let school: School;
  let quiz: Quiz;

  beforeAll(async () => {
    running = await runAssessment();
    school = await foundSchool(running);
    quiz = await createQuiz(running, school);
  });
  afterAll(() => running.stop());

  async function newLearner({ courseId }: Quiz): Promise<Person> {
    const person = await running.person('LEARNER', school.organisationId);
    await tellEnrolment(running, school.organisationId, { courseId, learnerId: person.userId });
    return person;
  }

  async function takeQuiz(person: Person, { assessmentId }: Quiz): Promise<string> {
    const { id } = await startedAttempt(person, assessmentId);
    await submit(person, id);
    return id;
  }

  /** A subscription that is under way: whatever is graded from now on reaches it. */
  async function watch(person: Person, assessmentId?: string): Promise<LiveSubscription<Graded>> {
    const live = subscribe<Graded>(
      running.url,
      'subscription ($assessmentId: ID) { attemptGraded(assessmentId: $assessmentId) { id passed learner { id } } }',
      { token: person.token, variables: assessmentId === undefined ? {} : { assessmentId } },
    );
    open = live;
    await liveSubscribers(running, 1);
    return live;
  }

  let open: LiveSubscription<Graded> | undefined;
  /** The one subscription of a test ends with it, without waiting for another event. */
  afterEach(async () => {
    await open?.close();
    open = undefined;
    await liveSubscribers(running, 0);
  });

  test('reaches the learner themselves, and no other learner', async () => {
    const [one, other] = [await newLearner(quiz), await newLearner(quiz)];
    const live = await watch(one);
    await takeQuiz(other, quiz);
    const own = await takeQuiz(one, quiz);
    expect(await live.next()).toMatchObject({
      data: { attemptGraded: { id: own, passed: false, learner: { id: one.userId } } },
    });
  });

  test.each(['instructor', 'admin'] as const)(
    'reaches the %s for all learners of the organisation',
    async (role) => {
      const [one, other] = [await newLearner(quiz), await newLearner(quiz)];
      const live = await watch(school[role]);
      const ids = [await takeQuiz(other, quiz), await takeQuiz(one, quiz)];
      // Two attempts may be in two partitions, which are read in any order.
      const heard = [(await live.next()).data.attemptGraded.id, (await live.next()).data.attemptGraded.id];
      expect(heard.sort()).toEqual(ids.sort());
    },
  );

  test('reaches nobody in another organisation', async () => {
    const elsewhere = await foundSchool(running);
    const theirs = await createQuiz(running, elsewhere);
    const live = await watch(elsewhere.admin);
    await takeQuiz(await newLearner(quiz), quiz);
    const own = await takeQuiz(elsewhere.learner, theirs);
    expect((await live.next()).data.attemptGraded.id).toBe(own);
  });

  test('is narrowed to one assessment', async () => {
    const other = await createQuiz(running, school);
    const one = await newLearner(quiz);
    const live = await watch(school.instructor, quiz.assessmentId);
    await takeQuiz(school.learner, other);
    const id = await takeQuiz(one, quiz);
    expect((await live.next()).data.attemptGraded.id).toBe(id);
  });

  test('of an assessment of another organisation, or of none, is NOT_FOUND', async () => {
    const elsewhere = await foundSchool(running);
    for (const [person, assessmentId] of [
      [elsewhere.admin, quiz.assessmentId],
      [school.learner, newId('assessment')],
    ] as const) {
      const live = subscribe<Graded>(
        running.url,
        'subscription ($assessmentId: ID) { attemptGraded(assessmentId: $assessmentId) { id } }',
        { token: person.token, variables: { assessmentId } },
      );
      const outcome = await live.next().then(
        (event) => JSON.stringify(event),
        (error: unknown) => JSON.stringify(error),
      );
      expect(outcome).toContain('NOT_FOUND');
      await live.close();
    }
  });

  test('forgets a client that has gone, without waiting for the next event', async () => {
    const live = await watch(school.admin);
    await live.close();
    await liveSubscribers(running, 0);
  });

  test('needs a token', async () => {
    const live = subscribe<Graded>(running.url, 'subscription { attemptGraded { id } }');
    const outcome = await live.next().then(
      (event) => JSON.stringify(event),
      (error: unknown) => JSON.stringify(error),
    );
    expect(outcome).toContain('UNAUTHENTICATED');
    await live.close();
  });
});
