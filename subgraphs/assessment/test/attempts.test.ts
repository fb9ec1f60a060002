import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { tellCourse, tellEnrolment } from './kit/neighbours.ts';
import {
  assessmentUpdate,
  attemptQuery,
  questionCreate,
  questionDelete,
  questionUpdate,
  questionsReorder,
  type SeenAttempt,
} from './kit/operations.ts';
import {
  answer,
  choiceOf,
  createQuiz,
  foundSchool,
  oneOfEachKind,
  startAttempt,
  startedAttempt,
  submit,
  type School,
} from './kit/quiz.ts';
import { runAssessment, type RunningAssessment } from './kit/assessment.ts';

let running: RunningAssessment;
let school: School;

beforeAll(async () => {
  running = await runAssessment();
  school = await foundSchool(running);
});
afterAll(() => running.stop());

const codes = ({ userErrors }: { userErrors: readonly { code: string }[] }) =>
  userErrors.map(({ code }) => code);
const trueOrFalse = [{ text: 'Bread is baked.', trueFalse: { isTrue: true } }];

describe('an attempt', () => {
  test('is started, answered, resumed, submitted and graded', async () => {
    const { learner } = school;
    const { assessmentId, courseId, itemId, questionIds } = await createQuiz(running, school, {
      passingScore: 0.6,
    });
    const started = await startedAttempt(learner, assessmentId);
    expect(started).toMatchObject({
      number: 1,
      state: 'IN_PROGRESS',
      passingScore: 0.6,
      passed: null,
      score: null,
      learner: { id: learner.userId },
      course: { id: courseId },
      item: { id: itemId },
    });
    expect(started.responses.map(({ question }) => question.text)).toEqual(
      oneOfEachKind.map(({ text }) => text),
    );
    expect(started.responses.map(({ question }) => question.question.id)).toEqual(questionIds);

    const { id } = started;
    const [single, multiple, trueFalse, numerical] = questionIds as [string, string, string, string];
    await answer(learner, id, single, { choiceId: choiceOf(started, 0, 'Rice flour') });
    await answer(learner, id, single, { choiceId: choiceOf(started, 0, 'Rye 1150') });
    const flour = choiceOf(started, 1, 'Flour');
    const sugar = choiceOf(started, 1, 'Sugar');
    await answer(learner, id, multiple, { choiceIds: [sugar, flour] });
    await answer(learner, id, trueFalse, { isTrue: true });
    await answer(learner, id, trueFalse, null);
    await answer(learner, id, numerical, { value: 57 });

    const resumed = await learner.ask<{ attempt: SeenAttempt }>(attemptQuery, { id });
    expect(resumed.data.attempt.responses.map((response) => response.answer)).toEqual([
      { choices: [{ id: choiceOf(started, 0, 'Rye 1150') }] },
      // In the order of the question, not in that of clicking.
      { choices: [{ id: flour }, { id: sugar }] },
      null,
      { value: 57 },
    ]);

    const { attempt } = await submit(learner, id);
    expect(attempt).toMatchObject({
      state: 'GRADED',
      score: { raw: 3, max: 7, scaled: 0.428571 },
      passed: false,
    });
    expect(attempt?.responses.map(({ result }) => result)).toEqual([
      {
        correctness: 'CORRECT',
        score: 1,
        feedback: ['SECRET: right, by its ash.', 'SECRET: dark flour has the bran.'],
      },
      { correctness: 'INCORRECT', score: 0, feedback: ['SECRET: sugar is for cakes.'] },
      { correctness: 'UNANSWERED', score: 0, feedback: [] },
      { correctness: 'CORRECT', score: 2, feedback: [] },
    ]);
  });

  test('keeps the questions, their order and the passing score that it began with', async () => {
    const { learner, author } = school;
    const { assessmentId, questionIds } = await createQuiz(running, school, { passingScore: 1 });
    const before = await startedAttempt(learner, assessmentId);
    const [single, multiple] = questionIds as [string, string];
    const content = { text: 'Rewritten', points: 500, trueFalse: { isTrue: true } };
    await author.ask(questionUpdate, { input: { id: single, content } });
    await author.ask(questionDelete, { input: { id: multiple } });
    await author.ask(questionCreate, { input: { assessmentId, content } });
    const { data } = await author.ask<{ assessment: { questions: { id: string }[] } }>(
      'query ($id: ID!) { assessment(id: $id) { questions { id } } }',
      { id: assessmentId },
    );
    const reversed = data.assessment.questions.map(({ id }) => id).reverse();
    await author.ask(questionsReorder, { input: { assessmentId, questionIds: reversed } });
    await author.ask(assessmentUpdate, { input: { id: assessmentId, changes: { passingScore: 0 } } });

    const after = await learner.ask<{ attempt: SeenAttempt }>(attemptQuery, { id: before.id });
    expect(after.data.attempt).toEqual(before);
    await answer(learner, before.id, single, { choiceId: choiceOf(before, 0, 'Rye 1150') });
    const { attempt } = await submit(learner, before.id);
    expect(attempt).toMatchObject({ score: { raw: 1, max: 7 }, passed: false, passingScore: 1 });

    const next = await startedAttempt(learner, assessmentId);
    expect(next.responses.map(({ question }) => question.question.id)).toEqual(reversed);
    expect(next).toMatchObject({ number: 2, passingScore: 0 });
  });

  test('passes from the passing score on', async () => {
    const { learner } = school;
    const contents = [...trueOrFalse, { text: 'Water boils at 100 °C.', trueFalse: { isTrue: true } }];
    const { assessmentId, questionIds } = await createQuiz(running, school, { passingScore: 0.5, contents });
    const { id } = await startedAttempt(learner, assessmentId);
    await answer(learner, id, questionIds[0]!, { isTrue: true });
    await answer(learner, id, questionIds[1]!, { isTrue: false });
    expect((await submit(learner, id)).attempt).toMatchObject({ passed: true, score: { scaled: 0.5 } });
  });
});

describe('starting', () => {
  test('again with the same key answers the same attempt, also after its submission', async () => {
    const { learner } = school;
    const { assessmentId } = await createQuiz(running, school, { maxAttempts: 1 });
    const key = newId('key');
    const first = await startedAttempt(learner, assessmentId, key);
    expect((await startedAttempt(learner, assessmentId, key)).id).toBe(first.id);
    await submit(learner, first.id);
    expect(await startedAttempt(learner, assessmentId, key)).toMatchObject({ id: first.id, state: 'GRADED' });
    expect(await running.prisma.attempt.count({ where: { assessmentId } })).toBe(1);
  });

  test('with the key of an attempt at another assessment is a CONFLICT', async () => {
    const { learner } = school;
    const [one, other] = [await createQuiz(running, school), await createQuiz(running, school)];
    const key = newId('key');
    await startedAttempt(learner, one.assessmentId, key);
    expect(codes(await startAttempt(learner, other.assessmentId, key))).toEqual(['CONFLICT']);
  });

  test('the same key is free for another learner', async () => {
    const { learner, organisationId } = school;
    const { assessmentId, courseId } = await createQuiz(running, school);
    const other = await running.person('LEARNER', organisationId);
    await tellEnrolment(running, organisationId, { courseId, learnerId: other.userId });
    const key = newId('key');
    const mine = await startedAttempt(learner, assessmentId, key);
    const theirs = await startedAttempt(other, assessmentId, key);
    expect(theirs.id).not.toBe(mine.id);
  });

  test('beside an open attempt is ATTEMPT_IN_PROGRESS, and names it', async () => {
    const { learner } = school;
    const { assessmentId } = await createQuiz(running, school);
    const { id } = await startedAttempt(learner, assessmentId);
    const refused = await startAttempt(learner, assessmentId);
    expect(codes(refused)).toEqual(['ATTEMPT_IN_PROGRESS']);
    expect(refused.userErrors[0]?.message).toContain(id);
  });

  test('more often than allowed is ATTEMPT_LIMIT_REACHED', async () => {
    const { learner } = school;
    const { assessmentId } = await createQuiz(running, school, { maxAttempts: 2 });
    for (const number of [1, 2]) {
      const attempt = await startedAttempt(learner, assessmentId);
      expect(attempt.number).toBe(number);
      await submit(learner, attempt.id);
    }
    expect(codes(await startAttempt(learner, assessmentId))).toEqual(['ATTEMPT_LIMIT_REACHED']);
  });

  test('in many tabs at once begins one attempt', async () => {
    const { learner } = school;
    const { assessmentId } = await createQuiz(running, school);
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => startAttempt(learner, assessmentId)));
    expect(outcomes.filter(({ attempt }) => attempt).length).toBe(1);
    expect(outcomes.flatMap(codes)).toEqual(Array.from({ length: 11 }, () => 'ATTEMPT_IN_PROGRESS'));
    expect(await running.prisma.attempt.count({ where: { assessmentId } })).toBe(1);
  });

  test('at once with one key answers one attempt to all', async () => {
    const { learner } = school;
    const { assessmentId } = await createQuiz(running, school);
    const key = newId('key');
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, () => startAttempt(learner, assessmentId, key)),
    );
    expect(outcomes.flatMap(codes)).toEqual([]);
    expect(new Set(outcomes.map(({ attempt }) => attempt?.id)).size).toBe(1);
  });

  test('and submitting in many tabs at once never exceeds the limit', async () => {
    const { learner } = school;
    const { assessmentId } = await createQuiz(running, school, { maxAttempts: 3, contents: trueOrFalse });
    // Until the limit: rounds that are counted may all meet the open attempt of another tab.
    const oneTab = async () => {
      for (;;) {
        const started = await startAttempt(learner, assessmentId);
        if (codes(started).includes('ATTEMPT_LIMIT_REACHED')) return;
        if (started.attempt) await submit(learner, started.attempt.id);
      }
    };
    await Promise.all([oneTab(), oneTab(), oneTab(), oneTab()]);
    const attempts = await running.prisma.attempt.findMany({ where: { assessmentId } });
    expect(attempts.map(({ number }) => number).sort()).toEqual([1, 2, 3]);
    expect(codes(await startAttempt(learner, assessmentId))).toEqual(['ATTEMPT_LIMIT_REACHED']);
  });

  test('without an enrolment, or with one that was withdrawn, is NOT_ENROLLED', async () => {
    const { organisationId } = school;
    const { assessmentId, courseId } = await createQuiz(running, school);
    const person = await running.person('LEARNER', organisationId);
    expect(codes(await startAttempt(person, assessmentId))).toEqual(['NOT_ENROLLED']);
    const enrolment = { courseId, learnerId: person.userId };
    const id = await tellEnrolment(running, organisationId, enrolment);
    await tellEnrolment(running, organisationId, { ...enrolment, id, status: 'WITHDRAWN', revision: 2 });
    expect(codes(await startAttempt(person, assessmentId))).toEqual(['NOT_ENROLLED']);
  });

  test('is refused to staff who are not enrolled, as to anybody', async () => {
    const { assessmentId } = await createQuiz(running, school);
    expect(codes(await startAttempt(school.instructor, assessmentId))).toEqual(['NOT_ENROLLED']);
  });

  test('at what has no question, or is no item of its course, is NOT_AVAILABLE', async () => {
    const { learner, organisationId } = school;
    const empty = await createQuiz(running, school, { contents: [] });
    expect(codes(await startAttempt(learner, empty.assessmentId))).toEqual(['NOT_AVAILABLE']);
    expect(await running.prisma.attempt.count({ where: { assessmentId: empty.assessmentId } })).toBe(0);
    const { courseId, assessmentId } = await createQuiz(running, school);
    await tellCourse(running, organisationId, { id: courseId, revision: 3, assessmentIds: [] });
    expect(codes(await startAttempt(learner, assessmentId))).toEqual(['NOT_AVAILABLE']);
  });

  test.each(['', '   ', 'k'.repeat(201), 'a\u0000b', 'a\ud800b'])(
    'with the key %j is INVALID',
    async (key) => {
      const { userErrors } = await startAttempt(school.learner, newId('assessment'), key);
      expect(userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'idempotencyKey'] }]);
    },
  );
});

describe('answering', () => {
  test('what does not fit the question is refused at the field at fault', async () => {
    const { learner } = school;
    const { assessmentId, questionIds } = await createQuiz(running, school);
    const attempt = await startedAttempt(learner, assessmentId);
    const [single, multiple, trueFalse, numerical] = questionIds as [string, string, string, string];
    const flour = choiceOf(attempt, 1, 'Flour');
    const cases: [string, object, string, string[]][] = [
      [single, { isTrue: true }, 'INVALID', ['isTrue']],
      [single, {}, 'INVALID', []],
      [single, { choiceId: 'choice_0' }, 'NOT_FOUND', ['choiceId']],
      [single, { choiceId: flour }, 'NOT_FOUND', ['choiceId']],
      [single, { choiceId: flour, choiceIds: [flour] }, 'INVALID', ['choiceIds']],
      [multiple, { choiceId: flour }, 'INVALID', ['choiceId']],
      [multiple, { choiceIds: [] }, 'INVALID', ['choiceIds']],
      [multiple, { choiceIds: [flour, flour] }, 'INVALID', ['choiceIds']],
      [trueFalse, { value: 1 }, 'INVALID', ['value']],
      [numerical, { isTrue: false }, 'INVALID', ['isTrue']],
      [numerical, { value: null }, 'INVALID', []],
    ];
    for (const [questionId, response, code, path] of cases) {
      const refused = await answer(learner, attempt.id, questionId, response);
      expect(refused).toMatchObject({
        attempt: null,
        userErrors: [{ code, field: ['input', 'response', ...path] }],
      });
    }
    const elsewhere = await answer(learner, attempt.id, newId('question'), { value: 1 });
    expect(elsewhere.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['input', 'questionId'] }]);
  });

  test('after the submission is ATTEMPT_CLOSED, and changes nothing', async () => {
    const { learner } = school;
    const { assessmentId, questionIds } = await createQuiz(running, school);
    const { id } = await startedAttempt(learner, assessmentId);
    await submit(learner, id);
    expect(codes(await answer(learner, id, questionIds[3]!, { value: 55.5 }))).toEqual(['ATTEMPT_CLOSED']);
    const { data } = await learner.ask<{ attempt: SeenAttempt }>(attemptQuery, { id });
    expect(data.attempt.responses[3]).toMatchObject({ answer: null, result: { score: 0 } });
  });

  test('while somebody submits either counts or is refused, never is kept ungraded', async () => {
    const { learner } = school;
    const { assessmentId, questionIds } = await createQuiz(running, school, { contents: trueOrFalse });
    for (let round = 0; round < 8; round += 1) {
      const { id } = await startedAttempt(learner, assessmentId);
      const [answered, submitted] = await Promise.all([
        answer(learner, id, questionIds[0]!, { isTrue: true }),
        submit(learner, id),
      ]);
      expect(submitted.userErrors).toEqual([]);
      const { data } = await learner.ask<{ attempt: SeenAttempt }>(attemptQuery, { id });
      const counted = answered.userErrors.length === 0;
      expect(data.attempt.score?.raw).toBe(counted ? 1 : 0);
      expect(data.attempt.responses[0]?.answer).toEqual(counted ? { isTrue: true } : null);
    }
  });

  test("another learner's attempt is NOT_FOUND, also for those who may read it", async () => {
    const { learner, instructor, organisationId } = school;
    const { assessmentId, questionIds } = await createQuiz(running, school);
    const { id } = await startedAttempt(learner, assessmentId);
    for (const person of [instructor, await running.person('LEARNER', organisationId)]) {
      expect(codes(await answer(person, id, questionIds[2]!, { isTrue: true }))).toEqual(['NOT_FOUND']);
      expect(codes(await submit(person, id))).toEqual(['NOT_FOUND']);
    }
  });
});

describe("somebody else's answer or submission", () => {
  test('is refused at once, while the owner is at it', async () => {
    const { learner, organisationId } = school;
    const { assessmentId, questionIds } = await createQuiz(running, school);
    const { id } = await startedAttempt(learner, assessmentId);
    const strangers = [
      await running.person(['ADMIN', 'INSTRUCTOR', 'LEARNER']),
      await running.person('LEARNER', organisationId),
    ];
    const refused = running.prisma.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM attempt WHERE id = ${id} FOR UPDATE`;
        for (const stranger of strangers) {
          expect(codes(await answer(stranger, id, questionIds[2]!, { isTrue: true }))).toEqual(['NOT_FOUND']);
          expect(codes(await submit(stranger, id))).toEqual(['NOT_FOUND']);
        }
      },
      { timeout: 20_000 },
    );
    await expect(refused).resolves.toBeUndefined();
  });
});

describe('submitting', () => {
  test('again with the same key answers the same result, with another key is a CONFLICT', async () => {
    const { learner } = school;
    const { assessmentId } = await createQuiz(running, school);
    const { id } = await startedAttempt(learner, assessmentId);
    const key = newId('key');
    const first = await submit(learner, id, key);
    expect(first.attempt?.state).toBe('GRADED');
    expect(await submit(learner, id, key)).toEqual(first);
    expect(codes(await submit(learner, id))).toEqual(['CONFLICT']);
  });

  test('at once in many tabs grades once', async () => {
    const { learner } = school;
    const { assessmentId } = await createQuiz(running, school);
    const { id } = await startedAttempt(learner, assessmentId);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => submit(learner, id)));
    expect(outcomes.filter(({ attempt }) => attempt).length).toBe(1);
    expect(outcomes.flatMap(codes)).toEqual(Array.from({ length: 9 }, () => 'CONFLICT'));
    expect((await running.prisma.attempt.findUniqueOrThrow({ where: { id } })).revision).toBe(3);
  });
});
