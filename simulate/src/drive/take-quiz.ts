import type { QuizAction } from '../plan/action.ts';
import { createRandom } from '../plan/random.ts';
import type { AnswerKeys } from './answer-keys.ts';
import type { EnlistedLearner } from './enlist.ts';
import { GraphError, type Graph } from './graph.ts';

interface StartedAttempt {
  id: string;
  state: 'IN_PROGRESS' | 'SUBMITTED' | 'GRADED';
  passed: boolean | null;
  responses: { question: { question: { id: string } } }[];
}

const attemptFields = 'id state passed responses { question { question { id } } }';

/**
 * Takes a quiz as the learner: start, an answer to each question, submission. Sent again after a crash it goes on with
 * the same attempt, since the keys are the plan's.
 *
 * @returns whether the attempt passed
 */
export async function takeQuiz(
  graph: Graph,
  { session }: EnlistedLearner,
  quiz: QuizAction,
  keys: AnswerKeys,
): Promise<boolean> {
  const accessToken = await session.accessToken();
  const attempt = await start(graph, accessToken, quiz);
  if (attempt.state !== 'IN_PROGRESS') return attempt.passed === true;
  const random = createRandom(0, quiz.idempotencyKey);
  for (const { question } of attempt.responses) {
    const answers = keys.get(question.question.id);
    const response = random.chance(quiz.knows) ? answers?.right : answers?.wrong;
    if (response) await answer(graph, accessToken, attempt.id, question.question.id, response);
  }
  return submit(graph, accessToken, attempt.id, quiz.idempotencyKey);
}

async function start(graph: Graph, accessToken: string, quiz: QuizAction): Promise<StartedAttempt> {
  const { attemptStart } = await graph.request<{ attemptStart: { attempt: StartedAttempt } }>(
    `mutation StartAttempt($input: AttemptStartInput!) {
      attemptStart(input: $input) { attempt { ${attemptFields} } userErrors { message code } }
    }`,
    { input: { assessmentId: quiz.item.assessmentId, idempotencyKey: quiz.idempotencyKey } },
    accessToken,
  );
  return attemptStart.attempt;
}

async function answer(
  graph: Graph,
  accessToken: string,
  attemptId: string,
  questionId: string,
  response: Record<string, unknown>,
): Promise<void> {
  try {
    await graph.request(
      `mutation Answer($input: AttemptAnswerInput!) {
        attemptAnswer(input: $input) { attempt { id } userErrors { message code } }
      }`,
      { input: { attemptId, questionId, response } },
      accessToken,
    );
  } catch (error) {
    // A submission whose answer was lost has closed the attempt; submitting again tells how it went.
    if (!(error instanceof GraphError && error.codes.includes('ATTEMPT_CLOSED'))) throw error;
  }
}

async function submit(
  graph: Graph,
  accessToken: string,
  attemptId: string,
  idempotencyKey: string,
): Promise<boolean> {
  const { attemptSubmit } = await graph.request<{ attemptSubmit: { attempt: { passed: boolean | null } } }>(
    `mutation SubmitAttempt($input: AttemptSubmitInput!) {
      attemptSubmit(input: $input) { attempt { passed } userErrors { message code } }
    }`,
    { input: { attemptId, idempotencyKey } },
    accessToken,
  );
  return attemptSubmit.attempt.passed === true;
}
