import { Pool } from 'undici';
import type { SimulationArguments } from './arguments.ts';
import { readAnswerKeys, type AnswerKeys } from './drive/answer-keys.ts';
import { countCompleted, countWhenSettled } from './drive/completed-courses.ts';
import { concurrently } from './drive/concurrently.ts';
import { enlist } from './drive/enlist.ts';
import { createGraph } from './drive/graph.ts';
import { createPace } from './drive/pace.ts';
import { readCourses } from './drive/read-courses.ts';
import { runPlan } from './drive/run.ts';
import { createSession } from './drive/sessions.ts';
import { createStatementSender } from './drive/statement-sender.ts';
import { takeQuiz } from './drive/take-quiz.ts';
import type { SimulationEnvironment } from './env.ts';
import type { Course } from './plan/course.ts';
import { createLearner } from './plan/learner.ts';
import { planStream } from './plan/stream.ts';
import { showProgress } from './report/progress.ts';
import { summary } from './report/summary.ts';
import { createTally } from './report/tally.ts';

const accountsAtATime = 8;
const connections = 64;

/**
 * Brings learners to the courses of a running system and lets them work, over HTTP alone.
 *
 * @returns false where something was refused
 */
export async function simulate(
  args: SimulationArguments,
  env: SimulationEnvironment,
  out: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<boolean> {
  const tally = createTally();
  const { origin, pathname } = new URL(env.GRAPHQL_URL);
  const pools = { graph: new Pool(origin, { connections }), lrs: new Pool(env.LRS_URL, { connections }) };
  const graph = createGraph(pools.graph, pathname, tally);
  const admin = createSession(graph, env.ADMIN_EMAIL, env.PASSWORD);
  const author = createSession(graph, env.AUTHOR_EMAIL, env.PASSWORD);

  const courses = await readCourses(graph, admin);
  if (courses.length === 0) throw new Error('There is no published course to work through.');
  const people = Array.from({ length: args.learners }, (_, index) => createLearner(args.seed, index));
  let enlisted = 0;
  const enlisting = showProgress(out, () => ({
    share: enlisted / args.learners,
    words: `${enlisted} of ${args.learners} learners have an account and are enrolled`,
  }));
  const learners = await concurrently(people, accountsAtATime, async (learner) => {
    const result = await enlist({ graph, admin, learner, courses, password: env.PASSWORD });
    enlisted += 1;
    return result;
  }).finally(() => {
    enlisting.stop();
  });

  const keys = await readAllKeys(courses, (id) => readAnswerKeys(graph, author, id));
  const completedBefore = await countCompleted(graph, admin, courses);
  const pace = createPace({ ...args, signal });
  const began = performance.now();
  const working = showProgress(out, () => ({
    share: pace.elapsedShare(),
    words: `${tally.counts.statementsAccepted} statements accepted, ${tally.counts.quizzes} quizzes`,
  }));
  await runPlan(planStream(args.seed, people, courses), pace, {
    learners,
    sender: createStatementSender({ pool: pools.lrs, key: env.LRS_KEY, secret: env.LRS_SECRET, tally }),
    takeQuiz: (learner, quiz) =>
      takeQuiz(graph, learner, quiz, keys.get(quiz.item.assessmentId ?? '') ?? new Map()),
    tally,
    publicUrl: env.PUBLIC_URL,
    startsAt: startOfPlan(new Date()),
  }).finally(() => {
    working.stop();
  });
  const seconds = (performance.now() - began) / 1000;
  const completed = await countWhenSettled(() => countCompleted(graph, admin, courses));
  out.write(
    summary(tally, {
      seconds,
      learners: args.learners,
      seed: args.seed,
      coursesCompleted: completed - completedBefore,
    }),
  );
  await Promise.all([pools.graph.close(), pools.lrs.close()]);
  return tally.errors().size === 0;
}

async function readAllKeys(courses: readonly Course[], read: (assessmentId: string) => Promise<AnswerKeys>) {
  const ids = courses.flatMap(({ items }) => items.flatMap(({ assessmentId }) => assessmentId ?? []));
  return new Map(await Promise.all(ids.map(async (id) => [id, await read(id)] as const)));
}

const weeksBack = 4;

/** Midnight (UTC) of the Monday four weeks ago: the plan's time runs from there up to now. */
function startOfPlan(now: Date): number {
  const daysSinceMonday = (now.getUTCDay() + 6) % 7;
  return Date.UTC(
    now.getUTCFullYear(),
    now.getUTCMonth(),
    now.getUTCDate() - daysSinceMonday - 7 * weeksBack,
  );
}
