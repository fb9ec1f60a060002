import type { Person } from './people.ts';

interface Question {
  id: string;
  version: {
    type: 'SINGLE_CHOICE' | 'MULTIPLE_RESPONSE' | 'TRUE_FALSE' | 'NUMERICAL';
    choiceKey?: { choices: { choice: { id: string }; correct: boolean }[] };
    trueFalseKey?: { isTrue: boolean };
    numericalKey?: { value: number };
  };
}

const questionFields = `
  id
  version {
    type
    ... on SingleChoiceVersion { choiceKey: answerKey { choices { choice { id } correct } } }
    ... on MultipleResponseVersion { choiceKey: answerKey { choices { choice { id } correct } } }
    ... on TrueFalseVersion { trueFalseKey: answerKey { isTrue } }
    ... on NumericalVersion { numericalKey: answerKey { value } }
  }`;

export interface QuizResult {
  readonly state: string;
  readonly passed: boolean | null;
  readonly score: { readonly scaled: number } | null;
}

/** Takes a quiz and answers all questions rightly: what is right, its author says. */
export async function takeQuiz(learner: Person, author: Person, assessmentId: string): Promise<QuizResult> {
  const { assessment } = await author.ask<{ assessment: { questions: Question[] } }>(
    `query Keys($id: ID!) { assessment(id: $id) { questions { ${questionFields} } } }`,
    { id: assessmentId },
  );
  const attemptId = await startAttempt(learner, assessmentId);
  for (const { id, version } of assessment.questions) {
    await learner.ask(
      `mutation Answer($input: AttemptAnswerInput!) {
        attemptAnswer(input: $input) { attempt { id } userErrors { message } }
      }`,
      { input: { attemptId, questionId: id, response: rightAnswer(version) } },
    );
  }
  const { attemptSubmit } = await learner.ask<{ attemptSubmit: { attempt: QuizResult } }>(
    `mutation Submit($input: AttemptSubmitInput!) {
      attemptSubmit(input: $input) { attempt { state passed score { scaled } } userErrors { message } }
    }`,
    { input: { attemptId, idempotencyKey: 'submit' } },
  );
  return attemptSubmit.attempt;
}

async function startAttempt(learner: Person, assessmentId: string): Promise<string> {
  const { attemptStart } = await learner.ask<{
    attemptStart: { attempt: { id: string } | null; userErrors: { message: string }[] };
  }>(
    `mutation Start($input: AttemptStartInput!) {
      attemptStart(input: $input) { attempt { id } userErrors { message } }
    }`,
    { input: { assessmentId, idempotencyKey: 'start' } },
  );
  const { attempt, userErrors } = attemptStart;
  if (!attempt) throw new Error(userErrors.map(({ message }) => message).join(', '));
  return attempt.id;
}

function rightAnswer({ type, choiceKey, trueFalseKey, numericalKey }: Question['version']) {
  if (type === 'TRUE_FALSE') return { isTrue: trueFalseKey!.isTrue };
  if (type === 'NUMERICAL') return { value: numericalKey!.value };
  const right = choiceKey!.choices.filter(({ correct }) => correct).map(({ choice }) => choice.id);
  return type === 'SINGLE_CHOICE' ? { choiceId: right[0] } : { choiceIds: right };
}
