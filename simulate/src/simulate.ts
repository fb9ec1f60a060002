import type { SimulationArguments } from './arguments.ts';
import { readAnswerKeys, type AnswerKeys } from './drive/answer-keys.ts';
import { openClients, type Clients } from './drive/clients.ts';
import { countCompleted, countWhenSettled } from './drive/completed-courses.ts';
import { concurrently } from './drive/concurrently.ts';
import { enlist, type EnlistedLearner } from './drive/enlist.ts';
import { createPace } from './drive/pace.ts';
import { readCourses } from './drive/read-courses.ts';
import { StoppedError } from './drive/retry.ts';
import { runPlan } from './drive/run.ts';
import { takeQuiz } from './drive/take-quiz.ts';
import type { SimulationEnvironment } from './env.ts';
import type { Course } from './plan/course.ts';
import { createLearner, type Learner } from './plan/learner.ts';
import { planStream } from './plan/stream.ts';
import { showProgress } from './report/progress.ts';
import { summary } from './report/summary.ts';
import { createTally, type Tally } from './report/tally.ts';

/** What a simulation runs on. */
interface Simulation {
  readonly args: SimulationArguments;
  readonly env: SimulationEnvironment;
  readonly out: NodeJS.WriteStream;
  /** Aborted to end early: nothing more is begun, what is under way may end, and what was done is summed up. */
  readonly stop: AbortSignal;
}

/**
 * Brings learners to the courses of a running system and lets them work, over HTTP alone.
 *
 * @returns false where something was refused
 */
export async function simulate(simulation: Simulation): Promise<boolean> {
  const { env, out, stop } = simulation;
  const tally = createTally();
  const clients = openClients(env, tally, stop);
  try {
    await run(simulation, clients, tally);
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error;
    out.write('Stopped before the learners began.\n');
  } finally {
    await clients.close();
  }
  return tally.errors().size === 0;
}

async function run(simulation: Simulation, clients: Clients, tally: Tally): Promise<void> {
  const { args, out } = simulation;
  const courses = await readCourses(clients.graph, clients.admin);
  if (courses.length === 0) throw new Error('There is no published course to work through.');
  const people = Array.from({ length: args.learners }, (_, index) => createLearner(args.seed, index));
  const learners = await enlistAll(simulation, clients, people, courses);

  const completed = () => countCompleted(clients.graph, clients.admin, courses);
  const before = await completed();
  const seconds = await work(simulation, clients, { people, learners, courses, tally });
  const after = await countWhenSettled(completed).catch(undefinedWhenStopped);
  const coursesCompleted = after === undefined ? undefined : after - before;
  out.write(summary(tally, { seconds, learners: args.learners, seed: args.seed, coursesCompleted }));
}

function undefinedWhenStopped(error: unknown): undefined {
  if (!(error instanceof StoppedError)) throw error;
}

/** Creating an account costs the server a slow hash: more at a time would only queue. */
const accountsAtATime = 8;

async function enlistAll(
  { env, out }: Simulation,
  { graph, admin }: Clients,
  people: readonly Learner[],
  courses: readonly Course[],
): Promise<EnlistedLearner[]> {
  let enlisted = 0;
  const progress = showProgress(out, () => ({
    share: enlisted / people.length,
    words: `${enlisted} of ${people.length} learners have an account and are enrolled`,
  }));
  try {
    return await concurrently(people, accountsAtATime, async (learner) => {
      const result = await enlist({ graph, admin, learner, courses, password: env.PASSWORD });
      enlisted += 1;
      return result;
    });
  } finally {
    progress.stop();
  }
}

/** Carries out the plan, and answers how many seconds it took. */
async function work(
  { args, env, out, stop }: Simulation,
  { graph, sender, author }: Clients,
  cast: {
    people: readonly Learner[];
    learners: readonly EnlistedLearner[];
    courses: readonly Course[];
    tally: Tally;
  },
): Promise<number> {
  const { people, learners, courses, tally } = cast;
  const keys = await readAllKeys(courses, (id) => readAnswerKeys(graph, author, id));
  const pace = createPace({ ...args, signal: stop });
  const began = performance.now();
  const progress = showProgress(out, () => ({
    share: pace.elapsedShare(),
    words: `${tally.counts.statementsAccepted} statements accepted, ${tally.counts.quizzes} quizzes`,
  }));
  try {
    await runPlan(planStream(args.seed, people, courses), pace, {
      learners,
      sender,
      takeQuiz: (learner, quiz) =>
        takeQuiz(graph, learner, quiz, keys.get(quiz.item.assessmentId ?? '') ?? new Map()),
      tally,
      publicUrl: env.PUBLIC_URL,
      startsAt: startOfPlan(new Date()),
    });
  } finally {
    progress.stop();
  }
  return (performance.now() - began) / 1000;
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
