import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import {
  assessmentCreate,
  assessmentUpdate,
  attemptsQuery,
  questionCreate,
  questionDelete,
  questionUpdate,
} from './kit/operations.ts';
import { createQuiz, foundSchool, startedAttempt, type Quiz, type School } from './kit/quiz.ts';
import { runAssessment, type Person, type RunningAssessment } from './kit/assessment.ts';

// A learner of the school who writes and teaches one course of it.

let running: RunningAssessment;
let school: School;
let granted: Quiz;
let other: Quiz;
let holder: Person;
const attempts = new Map<Quiz, string>();

beforeAll(async () => {
  running = await runAssessment();
  school = await foundSchool(running);
  granted = await createQuiz(running, school);
  other = await createQuiz(running, school);
  for (const quiz of [granted, other])
    attempts.set(quiz, (await startedAttempt(school.learner, quiz.assessmentId)).id);
  const grants = [{ may: ['AUTHOR', 'INSTRUCTOR'], on: [granted.courseId] }];
  holder = await running.person('LEARNER', school.organisationId, { grants });
});
afterAll(() => running.stop());

const content = { text: 'Q', trueFalse: { isTrue: true } };

/** In an order in which each can succeed. */
const changes: [string, (of: Quiz) => object][] = [
  [assessmentCreate, ({ courseId }) => ({ courseId, title: 'T' })],
  [assessmentUpdate, ({ assessmentId: id }) => ({ id, changes: { title: 'T' } })],
  [questionCreate, ({ assessmentId }) => ({ assessmentId, content })],
  [questionUpdate, ({ questionIds: [id] }) => ({ id, content })],
  [questionDelete, ({ questionIds: [id] }) => ({ id })],
];

test.each(changes)('%s', async (document, inputOf) => {
  const refused = await holder.ask(document, { input: inputOf(other) });
  expect(refused.errors?.[0]?.extensions).toMatchObject({
    code: 'FORBIDDEN',
    missing: expect.stringMatching(/^assessment\.(create|update)$/),
  });
  const { data, errors } = await holder.ask<Record<string, { userErrors: unknown[] }>>(document, {
    input: inputOf(granted),
  });
  expect(errors).toBeUndefined();
  expect(Object.values(data)[0]?.userErrors).toEqual([]);
});

test('lists the assessments of that course alone, with their questions and keys', async () => {
  const list = `query ($filter: AssessmentFilter) {
    assessments(filter: $filter) { nodes { id questions { version { ... on NumericalVersion { answerKey { value } } } } } }
  }`;
  interface Listed {
    assessments: { nodes: { id: string }[] };
  }
  const { data, errors } = await holder.ask<Listed>(list);
  expect(errors).toBeUndefined();
  const ids = data.assessments.nodes.map(({ id }) => id);
  expect(ids).toContain(granted.assessmentId);
  expect(ids).not.toContain(other.assessmentId);
  const elsewhere = await holder.ask<Listed>(list, { filter: { courseId: other.courseId } });
  expect(elsewhere.data.assessments.nodes).toEqual([]);
});

test('sees the questions of that course, and of no other', async () => {
  const questionsOf = ({ assessmentId }: Quiz) =>
    holder.ask<{ assessment: { questions: unknown[] | null } }>(
      'query ($id: ID!) { assessment(id: $id) { questions { id version { text } } } }',
      { id: assessmentId },
    );
  expect((await questionsOf(granted)).data.assessment.questions).not.toBeNull();
  const { errors } = await questionsOf(other);
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'question.read' } }]);
  const { data } = await holder.ask<{ _entities: unknown[] }>(
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Question { id } } }',
    {
      of: [granted.questionIds[1], other.questionIds[1], newId('question')].map((id) => ({
        __typename: 'Question',
        id,
      })),
    },
  );
  expect(data._entities).toEqual([{ id: granted.questionIds[1] }, null, null]);
});

test("sees the attempts of that course's learners, and of no other", async () => {
  const { data } = await holder.ask<{ attempts: { nodes: { id: string }[] } }>(attemptsQuery, { filter: {} });
  expect(data.attempts.nodes.map(({ id }) => id)).toEqual([attempts.get(granted)]);
  const read = (id = '') =>
    holder.ask<{ attempt: { id: string } | null }>('query ($id: ID!) { attempt(id: $id) { id } }', { id });
  expect((await read(attempts.get(granted))).data.attempt).not.toBeNull();
  expect((await read(attempts.get(other))).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
});
