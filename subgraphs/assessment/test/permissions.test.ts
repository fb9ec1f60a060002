import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSchema } from '@lyceum/testing';
import { newId } from '@lyceum/service';
import { tellCourse } from './kit/neighbours.ts';
import {
  assessmentCreate,
  assessmentUpdate,
  attemptAnswer,
  attemptQuery,
  attemptsQuery,
  attemptStart,
  attemptSubmit,
  questionCreate,
  questionDelete,
  questionsReorder,
  questionUpdate,
} from './kit/operations.ts';
import { createQuiz, foundSchool, startedAttempt, type Quiz, type School } from './kit/quiz.ts';
import { runAssessment, type RunningAssessment } from './kit/assessment.ts';

let running: RunningAssessment;
let school: School;
let quiz: Quiz;
let attemptId: string;

beforeAll(async () => {
  running = await runAssessment();
  school = await foundSchool(running);
  quiz = await createQuiz(running, school);
  ({ id: attemptId } = await startedAttempt(school.learner, quiz.assessmentId));
});
afterAll(() => running.stop());

const content = { text: 'Q', trueFalse: { isTrue: true } };
const assessmentQuery = 'query ($id: ID!) { assessment(id: $id) { id } }';
const assessmentsQuery =
  'query ($filter: AssessmentFilter) { assessments(filter: $filter) { nodes { id } totalCount } }';

type Role = 'admin' | 'author' | 'instructor' | 'learner';
const everybody: Role[] = ['admin', 'author', 'instructor', 'learner'];
const authors: Role[] = ['admin', 'author'];

/** Each operation: its document, its variables on the objects of `of`, who may call it. */
const operations: Record<string, [string, (of: Quiz & { attemptId: string }) => object, Role[]]> = {
  'Query.assessment': [assessmentQuery, (of) => ({ id: of.assessmentId }), everybody],
  'Query.assessments': [
    assessmentsQuery,
    (of) => ({ filter: { courseId: of.courseId } }),
    ['admin', 'author', 'instructor'],
  ],
  'Query.attempt': [attemptQuery, (of) => ({ id: of.attemptId }), everybody],
  'Query.attempts': [attemptsQuery, (of) => ({ filter: { assessmentId: of.assessmentId } }), everybody],
  'Mutation.assessmentCreate': [
    assessmentCreate,
    (of) => ({ input: { courseId: of.courseId, title: 'T' } }),
    authors,
  ],
  'Mutation.assessmentUpdate': [
    assessmentUpdate,
    (of) => ({ input: { id: of.assessmentId, changes: { title: 'T' } } }),
    authors,
  ],
  'Mutation.questionCreate': [
    questionCreate,
    (of) => ({ input: { assessmentId: of.assessmentId, content } }),
    authors,
  ],
  'Mutation.questionUpdate': [
    questionUpdate,
    (of) => ({ input: { id: of.questionIds[0], content } }),
    authors,
  ],
  'Mutation.questionsReorder': [
    questionsReorder,
    (of) => ({ input: { assessmentId: of.assessmentId, questionIds: of.questionIds } }),
    authors,
  ],
  'Mutation.questionDelete': [questionDelete, (of) => ({ input: { id: of.questionIds[3] } }), authors],
  'Mutation.attemptStart': [
    attemptStart,
    (of) => ({ input: { assessmentId: of.assessmentId, idempotencyKey: newId('key') } }),
    everybody,
  ],
  'Mutation.attemptAnswer': [
    attemptAnswer,
    (of) => ({
      input: { attemptId: of.attemptId, questionId: of.questionIds[2], response: { isTrue: true } },
    }),
    everybody,
  ],
  'Mutation.attemptSubmit': [
    attemptSubmit,
    (of) => ({ input: { attemptId: of.attemptId, idempotencyKey: newId('key') } }),
    everybody,
  ],
};

const names = Object.keys(operations);

test('the table has every query and mutation of the schema', async () => {
  const schema = await readSchema(running.visitor);
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name ?? ''}.${field}`),
  );
  const ofFederation = ['Query._entities', 'Query._service'];
  expect([...names, ...ofFederation].sort()).toEqual(fields.sort());
  // Subscriptions are asked in another way: live.test.ts has each.
  expect(Object.keys(schema.getSubscriptionType()?.getFields() ?? {})).toEqual(['attemptGraded']);
});

describe.each(names)('%s', (name) => {
  const [document, variables, allowed] = operations[name]!;

  test('needs a token', async () => {
    const { errors } = await running.visitor(document, { ...variables({ ...quiz, attemptId }) });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test.each(everybody)('says FORBIDDEN to the %s, or lets them', async (role) => {
    const { errors } = await school[role].ask(document, { ...variables({ ...quiz, attemptId }) });
    const codes = (errors ?? []).map(({ extensions }) => extensions['code']);
    // An answer key within what may be asked for is refused by itself.
    const refused = codes.includes('FORBIDDEN') && errors?.some(({ path }) => path?.length === 1);
    expect(Boolean(refused)).toBe(!allowed.includes(role));
    expect(codes).not.toContain('INTERNAL_SERVER_ERROR');
  });

  test("finds nothing by another organisation's ids", async () => {
    const elsewhere = await running.person(['ADMIN', 'AUTHOR', 'INSTRUCTOR', 'LEARNER']);
    const answer = await elsewhere.ask<Record<string, Record<string, unknown> | null>>(document, {
      ...variables({ ...quiz, attemptId }),
    });
    const { data, errors } = answer;
    const [field] = Object.values(data);
    const codes = [
      ...(errors ?? []).map(({ extensions }) => extensions['code']),
      ...((field?.['userErrors'] as { code: string }[] | undefined) ?? []).map(({ code }) => code),
    ];
    // A list that is narrowed to what is not there is empty; everything else says NOT_FOUND.
    if (field && 'nodes' in field) expect(field).toMatchObject({ nodes: [], totalCount: 0 });
    else expect(codes).toEqual(['NOT_FOUND']);
  });

  test("finds nothing by another organisation's ids of lesser objects", async () => {
    const other = await foundSchool(running);
    const theirs = await createQuiz(running, other);
    const { id } = await startedAttempt(other.learner, theirs.assessmentId);
    const before = await running.prisma.response.findMany({ where: { attemptId: id } });
    // Everything of the viewer's own, but the innermost id: the question of a foreign assessment.
    const mixed = { ...quiz, attemptId, questionIds: theirs.questionIds };
    const person = name.includes('attempt') ? school.learner : school.author;
    const { data } = await person.ask<Record<string, { userErrors?: { code: string }[] }>>(document, {
      ...variables(mixed),
    });
    if (JSON.stringify(variables(mixed)).includes(theirs.questionIds[2]!)) {
      expect(Object.values(data)[0]?.userErrors?.map(({ code }) => code)).toEqual([
        name === 'Mutation.questionsReorder'
          ? 'ORDER_INCOMPLETE'
          : expect.stringMatching(/NOT_FOUND|ATTEMPT_CLOSED/),
      ]);
    }
    expect(await running.prisma.response.findMany({ where: { attemptId: id } })).toEqual(before);
  });
});

test("an entity of another organisation, or another learner's attempt, is not there", async () => {
  const elsewhere = await running.person(['ADMIN', 'AUTHOR', 'INSTRUCTOR', 'LEARNER']);
  const classmate = await running.person('LEARNER', school.organisationId);
  const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }';
  const all = [
    { __typename: 'Assessment', id: quiz.assessmentId },
    { __typename: 'Question', id: quiz.questionIds[0] },
    { __typename: 'Attempt', id: attemptId },
  ];
  const { data } = await running.visitor<{ _service: { sdl: string } }>('{ _service { sdl } }');
  const keyed = [...data._service.sdl.matchAll(/^type (\w+)[^{]*@key\(fields: "id"\)/gm)].map(
    ([, name]) => name,
  );
  expect(all.map(({ __typename }) => __typename).sort()).toEqual(keyed.sort());
  expect((await elsewhere.ask(query, { of: all })).data).toEqual({ _entities: [null, null, null] });
  expect((await classmate.ask(query, { of: all })).data).toEqual({
    _entities: [{ __typename: 'Assessment' }, null, null],
  });
  expect((await running.visitor(query, { of: all })).errors?.[0]?.extensions).toMatchObject({
    code: 'UNAUTHENTICATED',
  });
});

test('a learner lists only their own attempts, whatever the filter says', async () => {
  const classmate = await running.person('LEARNER', school.organisationId);
  interface Listed {
    attempts: { nodes: { learner: { id: string } }[]; totalCount: number };
  }
  for (const filter of [{}, { learnerId: school.learner.userId }, { assessmentId: quiz.assessmentId }]) {
    const { data } = await classmate.ask<Listed>(attemptsQuery, { filter });
    expect(data.attempts).toMatchObject({ nodes: [], totalCount: 0 });
  }
  const { data } = await school.instructor.ask<Listed>(attemptsQuery, {
    filter: { learnerId: school.learner.userId, assessmentId: quiz.assessmentId },
  });
  expect(data.attempts.totalCount).toBeGreaterThan(0);
  const own = await school.author.ask<Listed>(attemptsQuery, { filter: {} });
  expect(own.data.attempts.totalCount).toBe(0);
});

test('a course of another organisation is taken for none', async () => {
  const { id: courseId } = await tellCourse(running, newId('org'));
  const { data } = await school.author.ask<{ assessmentCreate: object }>(assessmentCreate, {
    input: { courseId, title: 'T' },
  });
  expect(data.assessmentCreate).toMatchObject({
    assessment: null,
    userErrors: [{ code: 'NOT_FOUND', field: ['input', 'courseId'] }],
  });
});
