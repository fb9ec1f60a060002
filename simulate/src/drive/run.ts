import type { Action, QuizAction, StatementAction } from '../plan/action.ts';
import type { Tally } from '../report/tally.ts';
import type { EnlistedLearner } from './enlist.ts';
import { createBacklog } from './backlog.ts';
import { createInTurn } from './in-turn.ts';
import type { Pace } from './pace.ts';
import { StoppedError } from './retry.ts';
import { createSlots } from './slots.ts';
import { statementJson } from './statement-json.ts';
import type { StatementSender } from './statement-sender.ts';

/** What carries out the plan. */
export interface Performers {
  readonly learners: readonly EnlistedLearner[];
  readonly sender: StatementSender;
  readonly takeQuiz: (learner: EnlistedLearner, quiz: QuizAction) => Promise<boolean>;
  readonly tally: Tally;
  readonly publicUrl: string;
  /** Milliseconds since the epoch at which the plan's time begins. */
  readonly startsAt: number;
}

const batchSize = 100;
const requestsAtATime = 64;
const quizzesAtATime = 16;

/** Sends the actions of the plan in their order, at the pace; resolves when every one was answered or given up. */
export async function runPlan(
  plan: Iterator<Action, void>,
  pace: Pace,
  performers: Performers,
): Promise<void> {
  const requests = createSlots(requestsAtATime);
  const quizzes = createSlots(quizzesAtATime);
  const send = (statements: readonly string[]) => requests.start(() => performers.sender.send(statements));
  const inTurn = createInTurn<number>();
  const backlog = createBacklog(quizzesAtATime);
  let batch: string[] = [];

  async function perform(action: Action): Promise<void> {
    const learner = performers.learners[action.learner];
    if (!learner) return;
    if (action.kind === 'quiz') {
      // Nobody takes two quizzes at once, whatever the pace.
      const work = () => inTurn(action.learner, () => quiz(learner, action, performers));
      // A quiz is a dozen requests: at full speed statements don't wait for it.
      if (!pace.full) return quizzes.start(work);
      backlog.add(work);
      return;
    }
    const text = render(action, learner, performers);
    if (learner.learner.delivery === 'single' && !pace.full) return send([text]);
    batch.push(text);
    if (batch.length >= batchSize) await flush();
  }

  async function flush(): Promise<void> {
    const full = batch;
    batch = [];
    await send(full);
  }

  for (let due = await pace.due(); due > 0; due = await pace.due()) {
    for (; due > 0; due -= 1) {
      const step = plan.next();
      if (step.done === true) break;
      await perform(step.value);
    }
    if (!pace.full) await flush();
  }
  await flush();
  await Promise.all([requests.idle(), quizzes.idle(), backlog.finish()]);
}

function render(
  action: StatementAction,
  learner: EnlistedLearner,
  { publicUrl, startsAt }: Performers,
): string {
  return statementJson(action, learner, { publicUrl, startsAt, now: Date.now() });
}

async function quiz(
  learner: EnlistedLearner,
  action: QuizAction,
  { takeQuiz, tally }: Performers,
): Promise<void> {
  try {
    const passed = await takeQuiz(learner, action);
    tally.counts.quizzes += 1;
    if (passed) tally.counts.quizzesPassed += 1;
  } catch (error) {
    // It goes on with the same attempt when the seed is used again.
    if (error instanceof StoppedError) return;
    tally.error(error instanceof Error ? error.message : String(error));
  }
}
