import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { eventually, subscribe, type LiveSubscription } from '@lyceum/testing';
import { tellEnrolment } from './kit/neighbours.ts';
import { createQuiz, foundSchool, startedAttempt, submit, type Quiz, type School } from './kit/quiz.ts';
import { runAssessment, type Person, type RunningAssessment } from './kit/running-assessment.ts';

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

  /**
   * A subscription that is known to be under way: `attempt` is made again until the first event of one arrives; what
   * came before the last one is skipped by reading up to it.
   */
  async function watch(
    person: Person,
    attempt: () => Promise<string>,
    assessmentId?: string,
  ): Promise<LiveSubscription<Graded>> {
    const live = subscribe<Graded>(
      running.url,
      'subscription ($assessmentId: ID) { attemptGraded(assessmentId: $assessmentId) { id passed learner { id } } }',
      { token: person.token, variables: assessmentId === undefined ? {} : { assessmentId } },
    );
    await live.connected;
    const made: string[] = [];
    const progress = { arrived: false };
    const first = live.next().finally(() => (progress.arrived = true));
    while (!progress.arrived) made.push(await attempt());
    for (let event = await first; event.data.attemptGraded.id !== made.at(-1); event = await live.next());
    return live;
  }

  test('reaches the learner themselves, and no other learner', async () => {
    const [one, other] = [await newLearner(quiz), await newLearner(quiz)];
    const live = await watch(one, () => takeQuiz(one, quiz));
    await takeQuiz(other, quiz);
    const own = await takeQuiz(one, quiz);
    expect(await live.next()).toMatchObject({
      data: { attemptGraded: { id: own, passed: false, learner: { id: one.userId } } },
    });
    await live.close();
  });

  test.each(['instructor', 'admin'] as const)(
    'reaches the %s for all learners of the organisation',
    async (role) => {
      const [one, other] = [await newLearner(quiz), await newLearner(quiz)];
      const live = await watch(school[role], () => takeQuiz(one, quiz));
      const ids = [await takeQuiz(other, quiz), await takeQuiz(one, quiz)];
      expect([(await live.next()).data.attemptGraded.id, (await live.next()).data.attemptGraded.id]).toEqual(
        ids,
      );
      await live.close();
    },
  );

  test('reaches nobody in another organisation', async () => {
    const elsewhere = await foundSchool(running);
    const theirs = await createQuiz(running, elsewhere);
    const live = await watch(elsewhere.admin, () => takeQuiz(elsewhere.learner, theirs));
    await takeQuiz(await newLearner(quiz), quiz);
    const own = await takeQuiz(elsewhere.learner, theirs);
    expect((await live.next()).data.attemptGraded.id).toBe(own);
    await live.close();
  });

  test('is narrowed to one assessment', async () => {
    const other = await createQuiz(running, school);
    const one = await newLearner(quiz);
    const live = await watch(school.instructor, () => takeQuiz(one, quiz), quiz.assessmentId);
    await takeQuiz(school.learner, other);
    const id = await takeQuiz(one, quiz);
    expect((await live.next()).data.attemptGraded.id).toBe(id);
    await live.close();
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
    const subscribers = async () => {
      const text = await (await fetch(`${running.url}/metrics`)).text();
      return /^lyceum_live_subscribers\{.*\} (\d+)$/m.exec(text)?.[1];
    };
    const live = subscribe<Graded>(running.url, 'subscription { attemptGraded { id } }', {
      token: school.admin.token,
    });
    await eventually(async () => {
      expect(await subscribers()).toBe('1');
    });
    await live.close();
    await eventually(async () => {
      expect(await subscribers()).toBe('0');
    });
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
