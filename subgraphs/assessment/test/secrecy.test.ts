import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { subscribe, readSchema } from '@lyceum/testing';
import { getNamedType, isObjectType, type GraphQLSchema } from 'graphql';
import { liveSubscribers } from './kit/live-subscribers.ts';
import { tellEnrolment } from './kit/neighbours.ts';
import {
  answer,
  choiceOf,
  createQuiz,
  foundSchool,
  oneOfEachKind,
  startAttempt,
  startedAttempt,
  submit,
  type Quiz,
  type School,
} from './kit/quiz.ts';
import { attemptFields } from './kit/operations.ts';
import { runAssessment, type Person, type RunningAssessment } from './kit/assessment.ts';
import { everythingOf, walk } from './kit/schema-walk.ts';

let running: RunningAssessment;
let school: School;
let schema: GraphQLSchema;

beforeAll(async () => {
  running = await runAssessment();
  school = await foundSchool(running);
  schema = await readSchema(running.visitor);
});
afterAll(() => running.stop());

/** Where a value under one of these keys is not null, something was told. */
const tellingKeys = ['answerKey', 'version', 'questions', 'result', 'score', 'correct', 'tolerance'];

function told(text: string): string[] {
  const found: string[] = [];
  JSON.parse(text, (key, value: unknown) => {
    if (tellingKeys.includes(key) && value !== null) found.push(`${key}: ${JSON.stringify(value)}`);
    return value;
  });
  return found;
}

/**
 * Ids, cursors (which hold ids) and instants become their order of appearance, so that two answers can be compared. Errors of fields that are
 * resolved side by side come in any order: theirs is that of their paths.
 */
function withoutIdentity(answered: string): string {
  const { errors = [], ...rest } = JSON.parse(answered) as { errors?: { path: unknown }[] };
  const ordered = errors.map((error) => JSON.stringify([error.path, error])).sort();
  const text = JSON.stringify({ ...rest, errors: ordered }).replace(/(ursor":)"[^"]*"/g, '$1"…"');
  const seen = new Map<string, string>();
  return text.replace(/[a-z_]+_[0-7][0-9a-hjkmnp-tv-z]{25}|\d{4}-\d\d-\d\dT[\d:.]+Z/g, (match) => {
    const kind = match.startsWith('2') ? 'instant' : match.slice(0, match.lastIndexOf('_'));
    if (kind === 'instant') return kind;
    if (!seen.has(match)) seen.set(match, `${kind}#${seen.size}`);
    return seen.get(match) ?? '';
  });
}

const idsOf = ({ assessmentId, questionIds }: Quiz, ...attemptIds: string[]) => ({
  assessmentId,
  questionIds,
  attemptIds,
});

describe('before submission', () => {
  test('nothing in the whole schema tells a learner what is right', async () => {
    const { learner } = school;
    const quiz = await createQuiz(running, school);
    const { id } = await startedAttempt(learner, quiz.assessmentId);
    await answer(learner, id, quiz.questionIds[2]!, { isTrue: true });
    for (const text of await walk(learner.ask, schema, idsOf(quiz, id))) {
      expect(text).not.toContain('SECRET');
      expect(told(text)).toEqual([]);
    }
  });

  test('the same walk tells those who write or teach, which shows that it arrives', async () => {
    const quiz = await createQuiz(running, school);
    const { id } = await startedAttempt(school.learner, quiz.assessmentId);
    for (const person of [school.admin, school.author, school.instructor]) {
      const texts = await walk(person.ask, schema, idsOf(quiz, id));
      const all = texts.join('\n');
      for (const secret of [
        'SECRET: right, by its ash.',
        'SECRET: a fungus.',
        '"tolerance":1.5',
        '"isTrue":false',
      ]) {
        expect(all).toContain(secret);
      }
    }
  });

  test('every field that holds a key is refused by name, not left empty without a word', async () => {
    const { learner } = school;
    const quiz = await createQuiz(running, school);
    const { id } = await startedAttempt(learner, quiz.assessmentId);
    const { data, errors } = await learner.ask<{ attempt: { responses: unknown[] } }>(
      `query ($id: ID!) { attempt(id: $id) { responses { question { answerKey { generalFeedback } } } } }`,
      { id },
    );
    expect(data.attempt.responses.length).toBe(4);
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(
      Array.from({ length: 4 }, () => 'FORBIDDEN'),
    );
  });

  test('two quizzes that differ only in what is right look the same to a learner, in every answer', async () => {
    const turned = oneOfEachKind.map((content) => ({
      ...content,
      generalFeedback: 'SECRET: another one.',
      ...('singleChoice' in content
        ? { singleChoice: { choices: turnAround(content.singleChoice.choices, 2) } }
        : {}),
      ...('multipleResponse' in content
        ? { multipleResponse: { choices: turnAround(content.multipleResponse.choices, 1) } }
        : {}),
      ...('trueFalse' in content ? { trueFalse: { isTrue: true } } : {}),
      ...('numerical' in content ? { numerical: { value: -1e6, tolerance: 0 } } : {}),
    }));
    const one = await transcript(await createQuiz(running, school));
    const other = await transcript(await createQuiz(running, school, { contents: turned }));
    expect(other).toEqual(one);
  });
});

/** The same choices, of which only `right` (by place) is right. */
function turnAround(choices: readonly { text: string }[], right: number) {
  return choices.map(({ text }, index) => ({ text, correct: index === right, feedback: `SECRET: ${index}` }));
}

/** All that a learner of their own sees while they take a quiz up to its submission, and all they can do wrong. */
async function transcript(quiz: Quiz): Promise<string[]> {
  const { assessmentId, questionIds, courseId } = quiz;
  const person = await running.person('LEARNER', school.organisationId);
  await tellEnrolment(running, school.organisationId, { courseId, learnerId: person.userId });
  const attempt = await startedAttempt(person, assessmentId, 'key');
  const said: unknown[] = [
    attempt,
    await startAttempt(person, assessmentId, 'key'),
    await startAttempt(person, assessmentId),
  ];
  const [single, multiple, trueFalse, numerical] = questionIds as [string, string, string, string];
  const tries: [string, object | null][] = [
    ...['Cake flour', 'Rye 1150', 'Rice flour'].map((text): [string, object] => [
      single,
      { choiceId: choiceOf(attempt, 0, text) },
    ]),
    [single, null],
    [single, { choiceId: 'choice_unknown' }],
    [single, { value: 1 }],
    ...[['Flour'], ['Water', 'Flour'], ['Sugar', 'Water'], ['Flour', 'Water', 'Sugar']].map(
      (texts): [string, object] => [multiple, { choiceIds: texts.map((text) => choiceOf(attempt, 1, text)) }],
    ),
    [multiple, { choiceIds: [] }],
    [trueFalse, { isTrue: true }],
    [trueFalse, { isTrue: false }],
    [numerical, { value: 55.5 }],
    [numerical, { value: -1e6 }],
  ];
  for (const [questionId, response] of tries)
    said.push(await answer(person, attempt.id, questionId, response));
  const walked = await walk(person.ask, schema, idsOf(quiz, attempt.id));
  return [...said.map((each) => JSON.stringify(each)), ...walked].map(withoutIdentity);
}

describe('after submission', () => {
  test('a learner sees the feedback on what they chose, and no key', async () => {
    const { learner } = school;
    const quiz = await createQuiz(running, school);
    const attempt = await startedAttempt(learner, quiz.assessmentId);
    const wrong = choiceOf(attempt, 0, 'Cake flour');
    await answer(learner, attempt.id, quiz.questionIds[0]!, { choiceId: wrong });
    await submit(learner, attempt.id);
    const all = (await walk(learner.ask, schema, idsOf(quiz, attempt.id))).join('\n');
    expect(all).toContain('SECRET: cake flour is the whitest.');
    for (const unseen of [
      'SECRET: right, by its ash.',
      'SECRET: a fungus.',
      'SECRET: sugar',
      '"tolerance"',
      '"correct"',
    ]) {
      expect(all).not.toContain(unseen);
    }
  });

  test('the next attempt starts without anything of it', async () => {
    const { learner } = school;
    const quiz = await createQuiz(running, school);
    await submit(learner, (await startedAttempt(learner, quiz.assessmentId)).id);
    const next = await startedAttempt(learner, quiz.assessmentId);
    const { data } = await learner.ask<{ attempt: object }>(
      `query ($id: ID!) { attempt(id: $id) { ${attemptFields} } }`,
      { id: next.id },
    );
    expect(told(JSON.stringify(data))).toEqual([]);
    expect(JSON.stringify(data)).not.toContain('SECRET');
  });

  test('another learner sees neither the attempt nor its feedback', async () => {
    const { learner } = school;
    const quiz = await createQuiz(running, school);
    const { id } = await startedAttempt(learner, quiz.assessmentId);
    await submit(learner, id);
    const other = await running.person('LEARNER', school.organisationId);
    const all = (await walk(other.ask, schema, idsOf(quiz, id))).join('\n');
    expect(all).not.toContain('SECRET');
    expect(all).not.toContain(learner.userId);
  });
});

test('the walk covers every type that a query or a mutation can answer', () => {
  const reached = ['Assessment', 'AssessmentConnection', 'Attempt', 'AttemptConnection', 'Question']
    .map((name) => everythingOf(schema, name))
    .join(' ');
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const answers = roots
    .flatMap((root) => Object.values(root?.getFields() ?? {}))
    .map(({ type }) => getNamedType(type))
    .flatMap((type) => (isObjectType(type) ? [type] : []));
  const parts = answers.flatMap((type) =>
    type.name.endsWith('Payload')
      ? Object.values(type.getFields()).map((field) => getNamedType(field.type).name)
      : type.name,
  );
  const known = [
    'Assessment',
    'Attempt',
    'Question',
    'AssessmentConnection',
    'AttemptConnection',
    'UserError',
    '_Service',
  ];
  expect([...new Set(parts)].filter((name) => !known.includes(name))).toEqual([]);
  expect(reached).toContain('answerKey');
});

describe('live', () => {
  test('a learner hears of an attempt only when it is graded', async () => {
    const quiz = await createQuiz(running, school);
    const person = await enrolled(quiz);
    const live = subscribe<{ attemptGraded: object }>(
      running.url,
      `subscription { attemptGraded { ${attemptFields} } }`,
      { token: person.token },
    );
    await liveSubscribers(running, 1);
    const { id } = await startedAttempt(person, quiz.assessmentId);
    await submit(person, id);
    expect(await live.next()).toMatchObject({ data: { attemptGraded: { id, state: 'GRADED' } } });
    await live.close();
  });
});

async function enrolled({ courseId }: Quiz): Promise<Person> {
  const person = await running.person('LEARNER', school.organisationId);
  await tellEnrolment(running, school.organisationId, { courseId, learnerId: person.userId });
  return person;
}
