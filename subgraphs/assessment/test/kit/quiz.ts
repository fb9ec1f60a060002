import { newId } from '@lyceum/service';
import { tellCourse, tellEnrolment } from './neighbours.ts';
import {
  assessmentCreate,
  attemptAnswer,
  attemptStart,
  attemptSubmit,
  questionCreate,
  type SeenAttempt,
  type UserError,
} from './operations.ts';
import type { Person, RunningAssessment } from './assessment.ts';

/** An organisation with one person in each role. */
export interface School {
  readonly organisationId: string;
  readonly admin: Person;
  readonly author: Person;
  readonly instructor: Person;
  readonly learner: Person;
}

export async function foundSchool(running: RunningAssessment): Promise<School> {
  const admin = await running.person('ADMIN');
  const { organisationId } = admin;
  const [author, instructor, learner] = await Promise.all([
    running.person('AUTHOR', organisationId),
    running.person('INSTRUCTOR', organisationId),
    running.person('LEARNER', organisationId),
  ]);
  return { organisationId, admin, author, instructor, learner };
}

/** One question of each kind; feedback that must not be seen too early says so. */
export const oneOfEachKind = [
  {
    text: 'Which flour is dark?',
    points: 1,
    generalFeedback: 'SECRET: dark flour has the bran.',
    singleChoice: {
      choices: [
        { text: 'Cake flour', correct: false, feedback: 'SECRET: cake flour is the whitest.' },
        { text: 'Rye 1150', correct: true, feedback: 'SECRET: right, by its ash.' },
        { text: 'Rice flour', correct: false },
      ],
    },
  },
  {
    text: 'What does bread need?',
    points: 3,
    multipleResponse: {
      choices: [
        { text: 'Flour', correct: true },
        { text: 'Water', correct: true },
        { text: 'Sugar', correct: false, feedback: 'SECRET: sugar is for cakes.' },
      ],
    },
  },
  {
    text: 'Yeast is a plant.',
    points: 1,
    trueFalse: { isTrue: false, feedbackIfTrue: 'SECRET: a fungus.', feedbackIfFalse: 'SECRET: indeed.' },
  },
  {
    text: 'At how many °C does yeast die?',
    points: 2,
    numerical: { value: 55.5, tolerance: 1.5 },
  },
];

/** A published course with a quiz, in which the school's learner is enrolled. */
export interface Quiz {
  readonly school: School;
  readonly courseId: string;
  readonly itemId: string;
  readonly assessmentId: string;
  readonly questionIds: readonly string[];
}

export async function createQuiz(
  running: RunningAssessment,
  school: School,
  given: { maxAttempts?: number | null; passingScore?: number; contents?: readonly object[] } = {},
): Promise<Quiz> {
  const { organisationId, author, learner } = school;
  const { maxAttempts = null, passingScore = 0.5, contents = oneOfEachKind } = given;
  const draft = await tellCourse(running, organisationId, { status: 'DRAFT' });
  const { id: courseId } = draft;
  const input = { courseId, title: 'On bread', passingScore, maxAttempts };
  const created = await author.ask<{ assessmentCreate: { assessment: { id: string } } }>(assessmentCreate, {
    input,
  });
  const assessmentId = created.data.assessmentCreate.assessment.id;
  const questionIds = await createQuestions(author, assessmentId, contents);
  const told = { id: courseId, revision: 2, assessmentIds: [assessmentId] };
  const { itemIds } = await tellCourse(running, organisationId, told);
  await tellEnrolment(running, organisationId, { courseId, learnerId: learner.userId });
  return { school, courseId, itemId: itemIds[0]!, assessmentId, questionIds };
}

async function createQuestions(author: Person, assessmentId: string, contents: readonly object[]) {
  const ids: string[] = [];
  for (const content of contents) {
    const { data } = await author.ask<{ questionCreate: { question: { id: string } } }>(questionCreate, {
      input: { assessmentId, content },
    });
    ids.push(data.questionCreate.question.id);
  }
  return ids;
}

export interface AttemptPayload {
  readonly attempt: SeenAttempt | null;
  readonly userErrors: readonly UserError[];
}

export async function startAttempt({ ask }: Person, assessmentId: string, idempotencyKey = newId('key')) {
  const { data, errors } = await ask<{ attemptStart: AttemptPayload }>(attemptStart, {
    input: { assessmentId, idempotencyKey },
  });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.attemptStart;
}

/** An attempt that must begin. */
export async function startedAttempt(
  person: Person,
  assessmentId: string,
  key?: string,
): Promise<SeenAttempt> {
  const { attempt, userErrors } = await startAttempt(person, assessmentId, key);
  if (!attempt) throw new Error(JSON.stringify(userErrors));
  return attempt;
}

export async function answer(
  { ask }: Person,
  attemptId: string,
  questionId: string,
  response: object | null,
) {
  const { data, errors } = await ask<{ attemptAnswer: AttemptPayload }>(attemptAnswer, {
    input: { attemptId, questionId, response },
  });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.attemptAnswer;
}

export async function submit({ ask }: Person, attemptId: string, idempotencyKey = newId('key')) {
  const { data, errors } = await ask<{ attemptSubmit: AttemptPayload }>(attemptSubmit, {
    input: { attemptId, idempotencyKey },
  });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.attemptSubmit;
}

/** The id of the choice that says `text`. */
export function choiceOf(attempt: SeenAttempt, questionIndex: number, text: string): string {
  const choice = attempt.responses[questionIndex]?.question.choices?.find((each) => each.text === text);
  if (!choice) throw new Error(`Question ${questionIndex} has no choice ${text}`);
  return choice.id;
}
