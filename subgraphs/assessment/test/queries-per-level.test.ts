import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { countAssessment, type CountedAssessment } from './kit/counted-assessment.ts';

let counted: CountedAssessment;

beforeAll(async () => {
  counted = await countAssessment();
  await fill(counted);
});
afterAll(() => counted.stop());

const places = [1, 2, 3, 4, 5];
const trueOrFalse = { trueFalse: { isTrue: true } };

/** Ten assessments of five questions, with three attempts each. */
async function fill({ prisma, viewer }: CountedAssessment): Promise<void> {
  const { organisationId, userId: learnerId } = viewer;
  const courseId = newId('course');
  const course = { id: courseId, organisationId, title: 'Bread', status: 'PUBLISHED', revision: 1 };
  const enrolment = {
    id: newId('enrolment'),
    organisationId,
    courseId,
    learnerId,
    status: 'ACTIVE',
    revision: 1,
  };
  await prisma.course.create({ data: course });
  await prisma.enrolment.create({ data: enrolment });
  for (let place = 0; place < 10; place += 1) {
    const assessmentId = newId('assessment');
    const assessment = {
      id: assessmentId,
      organisationId,
      courseId,
      title: `No. ${place}`,
      passingScore: 0.5,
    };
    const item = { id: newId('item'), organisationId, courseId, assessmentId, title: 'Quiz', place };
    await prisma.assessment.create({ data: assessment });
    await prisma.quizItem.create({ data: item });
    for (const each of places) await addQuestion(assessmentId, `Q${each}`);
    for (let number = 0; number < 3; number += 1) await takeQuiz(assessmentId);
  }
}

async function addQuestion(assessmentId: string, text: string): Promise<void> {
  await counted.ask(
    'mutation ($input: QuestionCreateInput!) { questionCreate(input: $input) { userErrors { message } } }',
    { input: { assessmentId, content: { text, ...trueOrFalse } } },
  );
}

async function takeQuiz(assessmentId: string): Promise<void> {
  const { data } = await counted.ask<{ attemptStart: { attempt: { id: string } } }>(
    'mutation ($input: AttemptStartInput!) { attemptStart(input: $input) { attempt { id } } }',
    { input: { assessmentId, idempotencyKey: newId('key') } },
  );
  await counted.ask(
    'mutation ($input: AttemptSubmitInput!) { attemptSubmit(input: $input) { attempt { id } } }',
    {
      input: { attemptId: data.attemptStart.attempt.id, idempotencyKey: newId('key') },
    },
  );
}

/** How many SELECTs a query costs, and its answer as text. */
async function costOf(query: string): Promise<{ selects: number; text: string }> {
  let text = '';
  const selects = await counted.selectsOf(async () => {
    const { data, errors } = await counted.ask<object>(query);
    expect(errors).toBeUndefined();
    text = JSON.stringify(data);
  });
  return { selects: selects.length, text };
}

test('a page of assessments with questions, versions and keys costs one query a level', async () => {
  const { selects, text } = await costOf(`{ assessments(first: 10) { nodes {
    title questionCount maxScore
    questions { position assessment { title } version { text question { id } answerKey { generalFeedback } } }
  } } }`);
  expect(text.match(/"text"/g)).toHaveLength(50);
  // assessments, totals, questions, their assessments, versions, their questions, keys
  expect(selects).toBe(7);
});

test('a page of attempts with responses and questions costs one query a level', async () => {
  const { selects, text } = await costOf(`{ attempts(first: 30) { nodes {
    number assessment { title } score { raw }
    responses { question { text question { id } } answer { __typename } result { correctness feedback } }
  } } }`);
  expect(text.match(/"correctness"/g)).toHaveLength(150);
  // attempts, their assessments, responses and (Prisma's include) their versions, questions
  expect(selects).toBe(5);
});
