import type { Graph } from './graph.ts';
import type { Session } from './sessions.ts';

/** What one may answer to a question, right and wrong. */
export interface QuestionAnswers {
  readonly right: Record<string, unknown>;
  readonly wrong: Record<string, unknown>;
}

/** By the question's id. */
export type AnswerKeys = ReadonlyMap<string, QuestionAnswers>;

interface GraphQuestion {
  id: string;
  version: {
    type: 'SINGLE_CHOICE' | 'MULTIPLE_RESPONSE' | 'TRUE_FALSE' | 'NUMERICAL';
    choiceKey?: { choices: { choice: { id: string }; correct: boolean }[] };
    trueFalseKey?: { isTrue: boolean };
    numericalKey?: { value: number; tolerance: number };
  };
}

const keyFields = `
  id
  version {
    type
    ... on SingleChoiceVersion { choiceKey: answerKey { choices { choice { id } correct } } }
    ... on MultipleResponseVersion { choiceKey: answerKey { choices { choice { id } correct } } }
    ... on TrueFalseVersion { trueFalseKey: answerKey { isTrue } }
    ... on NumericalVersion { numericalKey: answerKey { value tolerance } }
  }`;

/**
 * Reads the answers to an assessment's questions, as its author: a learner's knowledge is a probability here, so the
 * simulation must know what it would be to know.
 */
export async function readAnswerKeys(
  graph: Graph,
  author: Session,
  assessmentId: string,
): Promise<AnswerKeys> {
  const { assessment } = await graph.request<{ assessment: { questions: GraphQuestion[] } }>(
    `query AnswerKeys($id: ID!) { assessment(id: $id) { questions { ${keyFields} } } }`,
    { id: assessmentId },
    await author.accessToken(),
  );
  return new Map(assessment.questions.map((question) => [question.id, answersTo(question.version)]));
}

function answersTo({
  type,
  choiceKey,
  trueFalseKey,
  numericalKey,
}: GraphQuestion['version']): QuestionAnswers {
  if (type === 'TRUE_FALSE') {
    const isTrue = trueFalseKey?.isTrue === true;
    return { right: { isTrue }, wrong: { isTrue: !isTrue } };
  }
  if (type === 'NUMERICAL') {
    const { value = 0, tolerance = 0 } = numericalKey ?? {};
    return { right: { value }, wrong: { value: value + 2 * tolerance + 1 } };
  }
  const idsWhere = (correct: boolean) =>
    (choiceKey?.choices ?? []).filter((choice) => choice.correct === correct).map(({ choice }) => choice.id);
  if (type === 'SINGLE_CHOICE') {
    return { right: { choiceId: idsWhere(true)[0] }, wrong: { choiceId: idsWhere(false)[0] } };
  }
  return { right: { choiceIds: idsWhere(true) }, wrong: { choiceIds: idsWhere(false).slice(0, 1) } };
}
