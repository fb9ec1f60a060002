import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { tellCourse } from './kit/neighbours.ts';
import {
  assessmentCreate,
  assessmentUpdate,
  questionCreate,
  questionDelete,
  questionUpdate,
  questionsReorder,
  type UserError,
} from './kit/operations.ts';
import { createQuiz, foundSchool, oneOfEachKind, type School } from './kit/quiz.ts';
import { runAssessment, type RunningAssessment } from './kit/assessment.ts';

let running: RunningAssessment;
let school: School;

beforeAll(async () => {
  running = await runAssessment();
  school = await foundSchool(running);
});
afterAll(() => running.stop());

type Payload = Record<string, unknown> & { userErrors: UserError[] };

/** The one payload of a mutation by the school's author. */
async function write(mutation: string, input: object): Promise<Payload> {
  const { data, errors } = await school.author.ask<Record<string, Payload>>(mutation, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  return Object.values(data)[0]!;
}

async function positions(assessmentId: string) {
  const { data } = await school.author.ask<{ assessment: { questions: { id: string; position: number }[] } }>(
    'query ($id: ID!) { assessment(id: $id) { questions { id position } } }',
    { id: assessmentId },
  );
  return data.assessment.questions;
}

describe('an assessment', () => {
  test('is created for a course, and counts its questions and points', async () => {
    const { id: courseId } = await tellCourse(running, school.organisationId, { status: 'DRAFT' });
    const input = { courseId, title: '  On bread ', passingScore: 0.75, maxAttempts: 3 };
    const created = await write(assessmentCreate, input);
    expect(created).toMatchObject({
      assessment: {
        title: 'On bread',
        passingScore: 0.75,
        maxAttempts: 3,
        revision: 1,
        course: { id: courseId },
        questionCount: 0,
        maxScore: 0,
      },
      userErrors: [],
    });
    const { assessmentId } = await createQuiz(running, school);
    const { data } = await school.learner.ask<{ assessment: object }>(
      'query ($id: ID!) { assessment(id: $id) { questionCount maxScore } }',
      { id: assessmentId },
    );
    expect(data.assessment).toEqual({ questionCount: 4, maxScore: 7 });
  });

  test.each([
    [{ title: ' ' }, 'INVALID', ['input', 'title']],
    [{ title: 'x'.repeat(201) }, 'INVALID', ['input', 'title']],
    [{ title: 'half a character: \udc00' }, 'INVALID', ['input', 'title']],
    [{ passingScore: 1.01 }, 'INVALID', ['input', 'passingScore']],
    [{ passingScore: -0.1 }, 'INVALID', ['input', 'passingScore']],
    [{ maxAttempts: 0 }, 'INVALID', ['input', 'maxAttempts']],
    [{ maxAttempts: 1001 }, 'INVALID', ['input', 'maxAttempts']],
    [{ courseId: 'course_unknown' }, 'NOT_FOUND', ['input', 'courseId']],
  ])('with %j is %s at %j', async (wrong, code, field) => {
    const { id: courseId } = await tellCourse(running, school.organisationId);
    const payload = await write(assessmentCreate, { courseId, title: 'T', ...wrong });
    expect(payload).toMatchObject({ assessment: null, userErrors: [{ code, field }] });
  });

  test('is changed where the revision is that which was read, and what is absent stays', async () => {
    const { assessmentId: id } = await createQuiz(running, school, { maxAttempts: 2, passingScore: 0.4 });
    const renamed = await write(assessmentUpdate, { id, changes: { title: 'Anew' } });
    expect(renamed).toMatchObject({ assessment: { title: 'Anew', maxAttempts: 2, passingScore: 0.4 } });
    const { revision } = renamed['assessment'] as { revision: number };
    const opened = await write(assessmentUpdate, { id, revision, changes: { maxAttempts: null } });
    expect(opened).toMatchObject({ assessment: { maxAttempts: null, revision: revision + 1 } });
    const late = await write(assessmentUpdate, { id, revision, changes: { title: 'Late' } });
    expect(late.userErrors).toMatchObject([{ code: 'CONFLICT', field: null }]);
    const wrong = await write(assessmentUpdate, { id, changes: { passingScore: 2 } });
    expect(wrong.userErrors).toMatchObject([
      { code: 'INVALID', field: ['input', 'changes', 'passingScore'] },
    ]);
    const unknown = await write(assessmentUpdate, { id: newId('assessment'), changes: {} });
    expect(unknown.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['input', 'id'] }]);
  });

  test('of two writers with one revision, one is told of the conflict', async () => {
    const { assessmentId: id } = await createQuiz(running, school, { contents: [] });
    const payloads = await Promise.all(
      ['A', 'B', 'C'].map((title) => write(assessmentUpdate, { id, revision: 1, changes: { title } })),
    );
    expect(payloads.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual([
      'CONFLICT',
      'CONFLICT',
    ]);
  });

  test('of a draft course is NOT_FOUND to learners, and there for staff', async () => {
    const { id: courseId } = await tellCourse(running, school.organisationId, { status: 'DRAFT' });
    const { assessment } = await write(assessmentCreate, { courseId, title: 'T' });
    const { id } = assessment as { id: string };
    const query = 'query ($id: ID!) { assessment(id: $id) { id } }';
    const seen = await school.learner.ask<{ assessment: null }>(query, { id });
    expect(seen).toMatchObject({
      data: { assessment: null },
      errors: [{ extensions: { code: 'NOT_FOUND' } }],
    });
    expect(await school.instructor.ask(query, { id })).toMatchObject({ data: { assessment: { id } } });
  });

  test('is listed by course, page by page in both directions', async () => {
    const { id: courseId } = await tellCourse(running, school.organisationId);
    for (const title of ['A', 'B', 'C']) await write(assessmentCreate, { courseId, title });
    const query = `query ($courseId: ID!, $first: Int, $after: String, $last: Int, $before: String) {
      assessments(filter: { courseId: $courseId }, first: $first, after: $after, last: $last, before: $before) {
        nodes { title } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`;
    interface Page {
      assessments: { nodes: { title: string }[]; totalCount: number; pageInfo: Record<string, unknown> };
    }
    const list = async (args: object) =>
      (await school.author.ask<Page>(query, { courseId, ...args })).data.assessments;
    const titles = ({ nodes }: Page['assessments']) => nodes.map(({ title }) => title);
    const first = await list({ first: 2 });
    expect(titles(first)).toEqual(['A', 'B']);
    expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    expect(titles(await list({ first: 2, after: first.pageInfo['endCursor'] }))).toEqual(['C']);
    const last = await list({ last: 2 });
    expect(titles(last)).toEqual(['B', 'C']);
    expect(titles(await list({ last: 2, before: last.pageInfo['startCursor'] }))).toEqual(['A']);
    const refused = await school.author.ask(query, { courseId, first: 101 });
    expect(refused.errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['first'] } }]);
  });
});

describe('a question', () => {
  test('of each kind is kept with its key, in order', async () => {
    const { assessmentId } = await createQuiz(running, school);
    const { data } = await school.author.ask<{ assessment: { questions: unknown[] } }>(
      `query ($id: ID!) { assessment(id: $id) { questions { position version { number type text points
        answerKey { generalFeedback
          ... on ChoiceAnswerKey { choices { choice { text } correct feedback } }
          ... on TrueFalseAnswerKey { isTrue feedbackIfTrue feedbackIfFalse }
          ... on NumericalAnswerKey { value tolerance } } } } } }`,
      { id: assessmentId },
    );
    const [single, , trueFalse, numerical] = data.assessment.questions;
    expect(data.assessment.questions).toHaveLength(4);
    expect(single).toMatchObject({
      position: 1,
      version: {
        number: 1,
        type: 'SINGLE_CHOICE',
        text: oneOfEachKind[0]!.text,
        answerKey: {
          generalFeedback: 'SECRET: dark flour has the bran.',
          choices: [
            { choice: { text: 'Cake flour' }, correct: false },
            { choice: { text: 'Rye 1150' }, correct: true, feedback: 'SECRET: right, by its ash.' },
            { choice: { text: 'Rice flour' }, correct: false, feedback: null },
          ],
        },
      },
    });
    expect(trueFalse).toMatchObject({
      version: { answerKey: { isTrue: false, feedbackIfTrue: 'SECRET: a fungus.' } },
    });
    expect(numerical).toMatchObject({ position: 4, version: { answerKey: { value: 55.5, tolerance: 1.5 } } });
  });

  const choices = (...correct: boolean[]) => ({
    choices: correct.map((each, index) => ({ text: `Choice ${index}`, correct: each })),
  });
  const text = 'Q';
  const content = ['input', 'content'];

  test.each([
    ['no kind', { text }, 'INVALID', content],
    ['a null kind alone', { text, numerical: null }, 'INVALID', content],
    [
      'two kinds',
      { text, trueFalse: { isTrue: true }, numerical: { value: 1 } },
      'INVALID',
      [...content, 'numerical'],
    ],
    ['no text', { text: ' ', trueFalse: { isTrue: true } }, 'INVALID', [...content, 'text']],
    ['no points', { text, points: 0, trueFalse: { isTrue: true } }, 'INVALID', [...content, 'points']],
    ['many points', { text, points: 1001, trueFalse: { isTrue: true } }, 'INVALID', [...content, 'points']],
    ['fine points', { text, points: 0.123, trueFalse: { isTrue: true } }, 'INVALID', [...content, 'points']],
    ['one choice', { text, singleChoice: choices(true) }, 'INVALID', [...content, 'singleChoice', 'choices']],
    [
      'two right',
      { text, singleChoice: choices(true, true) },
      'INVALID',
      [...content, 'singleChoice', 'choices'],
    ],
    [
      'none right',
      { text, singleChoice: choices(false, false) },
      'INVALID',
      [...content, 'singleChoice', 'choices'],
    ],
    [
      'none of several right',
      { text, multipleResponse: choices(false, false) },
      'INVALID',
      [...content, 'multipleResponse', 'choices'],
    ],
    [
      'too many choices',
      { text, multipleResponse: choices(...Array.from({ length: 21 }, () => true)) },
      'TOO_MANY',
      [...content, 'multipleResponse', 'choices'],
    ],
    [
      'an empty choice',
      {
        text,
        singleChoice: {
          choices: [
            { text: 'A', correct: true },
            { text: '', correct: false },
          ],
        },
      },
      'INVALID',
      [...content, 'singleChoice', 'choices', '1', 'text'],
    ],
    [
      'the same choice twice',
      {
        text,
        singleChoice: {
          choices: [
            { text: 'A', correct: true },
            { text: ' A ', correct: false },
          ],
        },
      },
      'INVALID',
      [...content, 'singleChoice', 'choices', '1', 'text'],
    ],
    [
      'a long feedback',
      { text, trueFalse: { isTrue: true, feedbackIfFalse: 'x'.repeat(5001) } },
      'INVALID',
      [...content, 'trueFalse', 'feedbackIfFalse'],
    ],
    [
      'a negative tolerance',
      { text, numerical: { value: 1, tolerance: -1 } },
      'INVALID',
      [...content, 'numerical', 'tolerance'],
    ],
  ])('with %s is refused at the field at fault', async (_case, draft, code, field) => {
    const { assessmentId } = await createQuiz(running, school, { contents: [] });
    const payload = await write(questionCreate, { assessmentId, content: draft });
    expect(payload).toMatchObject({ question: null, userErrors: [{ code, field }] });
  });

  test.each(['half a character: \ud800', 'a\0b'])(
    'with %j, which is no text, is refused anywhere',
    async (wrong) => {
      const { assessmentId } = await createQuiz(running, school, { contents: [] });
      const choices = [
        { text: 'A', correct: true, feedback: wrong },
        { text: 'B', correct: false },
      ];
      const drafts: [object, string[]][] = [
        [{ text: wrong, numerical: { value: 1 } }, ['text']],
        [{ text, generalFeedback: wrong, numerical: { value: 1 } }, ['generalFeedback']],
        [{ text, trueFalse: { isTrue: true, feedbackIfTrue: wrong } }, ['trueFalse', 'feedbackIfTrue']],
        [{ text, singleChoice: { choices } }, ['singleChoice', 'choices', '0', 'feedback']],
        [
          { text, multipleResponse: { choices: [{ text: wrong, correct: true }, choices[1]] } },
          ['multipleResponse', 'choices', '0', 'text'],
        ],
      ];
      for (const [draft, path] of drafts) {
        const { userErrors } = await write(questionCreate, { assessmentId, content: draft });
        expect(userErrors).toMatchObject([{ code: 'INVALID', field: [...content, ...path] }]);
      }
    },
  );

  test('gets a new version with an update, and the old one stays as it was', async () => {
    const { questionIds } = await createQuiz(running, school);
    const id = questionIds[0]!;
    const before = await running.prisma.questionVersion.findMany({ where: { questionId: id } });
    const draft = { text: 'Anew', trueFalse: { isTrue: true } };
    const updated = await write(questionUpdate, { id, version: 1, content: draft });
    expect(updated).toMatchObject({ question: { id, version: { number: 2, text: 'Anew' } } });
    const late = await write(questionUpdate, { id, version: 1, content: draft });
    expect(late.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    const where = { questionId: id, number: 1 };
    expect(await running.prisma.questionVersion.findMany({ where })).toEqual(before);
    const change = running.prisma.questionVersion.updateMany({ where, data: { text: 'Forged' } });
    await expect(change).rejects.toThrow(/never changed/);
  });

  test('by several writers at once gets one version each', async () => {
    const { questionIds } = await createQuiz(running, school);
    const id = questionIds[0]!;
    const content = { text: 'Anew', trueFalse: { isTrue: true } };
    const payloads = await Promise.all(
      Array.from({ length: 6 }, () => write(questionUpdate, { id, content })),
    );
    const numbers = payloads.map(
      ({ question }) => (question as { version: { number: number } }).version.number,
    );
    expect(numbers.sort()).toEqual([2, 3, 4, 5, 6, 7]);
  });

  test('taken out closes up the places, and is gone for a second time', async () => {
    const { assessmentId, questionIds } = await createQuiz(running, school);
    const [first, second, third, fourth] = questionIds;
    await write(questionDelete, { id: second });
    expect(await positions(assessmentId)).toEqual([
      { id: first, position: 1 },
      { id: third, position: 2 },
      { id: fourth, position: 3 },
    ]);
    expect((await write(questionDelete, { id: second })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const update = await write(questionUpdate, {
      id: second,
      content: { text, trueFalse: { isTrue: true } },
    });
    expect(update.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['input', 'id'] }]);
  });

  test('order is changed as a whole or not at all', async () => {
    const { assessmentId, questionIds } = await createQuiz(running, school);
    const reversed = [...questionIds].reverse();
    await write(questionsReorder, { assessmentId, questionIds: reversed });
    expect((await positions(assessmentId)).map(({ id }) => id)).toEqual(reversed);
    const wrong = [
      reversed.slice(1),
      [...reversed, newId('question')],
      [reversed[0]!, ...reversed.slice(0, 3)],
      [newId('question'), ...reversed.slice(1)],
    ];
    for (const ids of wrong) {
      const { userErrors } = await write(questionsReorder, { assessmentId, questionIds: ids });
      expect(userErrors).toMatchObject([{ code: 'ORDER_INCOMPLETE', field: ['input', 'questionIds'] }]);
    }
    expect((await positions(assessmentId)).map(({ id }) => id)).toEqual(reversed);
  });

  test('is one of at most 100, also when several are added at once', async () => {
    const { assessmentId } = await createQuiz(running, school, { contents: [] });
    const content = { text, trueFalse: { isTrue: true } };
    const payloads = await Promise.all(
      Array.from({ length: 104 }, () => write(questionCreate, { assessmentId, content })),
    );
    const codes = payloads.flatMap(({ userErrors }) => userErrors.map(({ code }) => code));
    expect(codes).toEqual(['TOO_MANY', 'TOO_MANY', 'TOO_MANY', 'TOO_MANY']);
    const places = (await positions(assessmentId)).map(({ position }) => position);
    expect(places).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });
});
