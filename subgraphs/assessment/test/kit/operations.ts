/** The operations of a learner and of an author, with everything that a client could want to see of their answers. */

export const attemptFields = `
  id number state passingScore passed startedAt submittedAt gradedAt
  score { raw max scaled }
  assessment { id title }
  learner { id } course { id } item { id }
  responses {
    question {
      id number type text points
      question { id }
      ... on SingleChoiceVersion { choices { id text } }
      ... on MultipleResponseVersion { choices { id text } }
    }
    answer {
      ... on ChoiceResponse { choices { id } }
      ... on TrueFalseResponse { isTrue }
      ... on NumericalResponse { value }
    }
    answeredAt
    result { correctness score feedback }
  }`;

const userErrors = 'userErrors { field message code }';

export const assessmentCreate = `mutation ($input: AssessmentCreateInput!) {
  assessmentCreate(input: $input) {
    assessment { id title passingScore maxAttempts revision course { id } questionCount maxScore } ${userErrors}
  }
}`;

export const assessmentUpdate = `mutation ($input: AssessmentUpdateInput!) {
  assessmentUpdate(input: $input) { assessment { id title passingScore maxAttempts revision } ${userErrors} }
}`;

export const questionCreate = `mutation ($input: QuestionCreateInput!) {
  questionCreate(input: $input) { question { id position version { id number text type points } } ${userErrors} }
}`;

export const questionUpdate = `mutation ($input: QuestionUpdateInput!) {
  questionUpdate(input: $input) { question { id position version { id number text } } ${userErrors} }
}`;

export const questionDelete = `mutation ($input: QuestionDeleteInput!) {
  questionDelete(input: $input) { assessment { id questions { id position } } ${userErrors} }
}`;

export const questionsReorder = `mutation ($input: QuestionsReorderInput!) {
  questionsReorder(input: $input) { assessment { id questions { id position } } ${userErrors} }
}`;

export const attemptStart = `mutation ($input: AttemptStartInput!) {
  attemptStart(input: $input) { attempt { ${attemptFields} } ${userErrors} }
}`;

export const attemptAnswer = `mutation ($input: AttemptAnswerInput!) {
  attemptAnswer(input: $input) { attempt { ${attemptFields} } ${userErrors} }
}`;

export const attemptSubmit = `mutation ($input: AttemptSubmitInput!) {
  attemptSubmit(input: $input) { attempt { ${attemptFields} } ${userErrors} }
}`;

export const attemptQuery = `query ($id: ID!) { attempt(id: $id) { ${attemptFields} } }`;

export const attemptsQuery = `query ($filter: AttemptFilter, $first: Int, $after: String, $last: Int, $before: String) {
  attempts(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    nodes { id learner { id } state } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

export interface UserError {
  readonly field: string[] | null;
  readonly message: string;
  readonly code: string;
}

export interface SeenAttempt {
  readonly id: string;
  readonly number: number;
  readonly state: string;
  readonly passed: boolean | null;
  readonly score: { raw: number; max: number; scaled: number } | null;
  readonly submittedAt: string | null;
  readonly responses: readonly {
    readonly question: {
      readonly id: string;
      readonly number: number;
      readonly type: string;
      readonly text: string;
      readonly question: { readonly id: string };
      readonly choices?: readonly { id: string; text: string }[];
    };
    readonly answer: Record<string, unknown> | null;
    readonly result: { correctness: string; score: number; feedback: string[] } | null;
  }[];
}
