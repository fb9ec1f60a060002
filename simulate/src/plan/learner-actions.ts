import type { Action, QuizAction, StatementAction } from './action.ts';
import type { Course, CourseItem } from './course.ts';
import type { Learner } from './learner.ts';
import { profiles, type Profile } from './profiles.ts';
import { createRandom, type Random } from './random.ts';
import { stableUuid } from './stable-uuid.ts';
import { nextSession } from './study-hours.ts';

const secondsOfWeek = 604_800;

/** An item of a course, and how far this learner is with it. */
interface Task {
  readonly course: Course;
  readonly item: CourseItem;
  done: boolean;
  attempts: number;
}

/** One learner at work: where the clock stands, and how statements are numbered. */
interface Work {
  readonly seed: number;
  readonly learner: Learner;
  readonly profile: Profile;
  readonly random: Random;
  clock: number;
  statements: number;
}

/**
 * What a learner does, in order of time, without end: sessions on the courses, item after item; once all is done,
 * looking things up again. Learners who give up end.
 */
export function* learnerActions(
  seed: number,
  learner: Learner,
  courses: readonly Course[],
): Generator<Action, void> {
  const profile = profiles[learner.profile];
  const random = createRandom(seed, `actions/${learner.index}`);
  const start = learner.startWeek * secondsOfWeek;
  const work: Work = { seed, learner, profile, random, clock: start, statements: 0 };
  const tasks = tasksOf(courses, random);
  let left = profile.leavesAfter ? random.between(...profile.leavesAfter) : Infinity;
  while (left > 0 && tasks.length > 0) {
    work.clock = nextSession(random, work.clock, profile.sessionsPerWeek, learner.utcOffsetHours);
    for (let items = random.between(...profile.itemsPerSession); items > 0 && left > 0; items -= 1) {
      const task = tasks.find(({ done }) => !done) ?? random.pick(tasks);
      yield* task.item.type === 'QUIZ' && !task.done ? takeQuiz(work, task) : workThrough(work, task);
      left -= 1;
    }
  }
}

/** All items of the courses, the courses in an order of the learner's own. */
function tasksOf(courses: readonly Course[], random: Random): Task[] {
  const ordered = courses
    .map((course) => ({ course, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ course }) => course);
  return ordered.flatMap((course) =>
    course.items.map((item) => ({ course, item, done: false, attempts: 0 })),
  );
}

function* workThrough(work: Work, task: Task): Generator<StatementAction, void> {
  const { random, profile } = work;
  const began = work.clock;
  yield say(work, task, task.item.type === 'EXTERNAL' ? 'launched' : 'initialized');
  const interactions = random.between(...profile.interactions);
  for (let step = 1; step <= interactions; step += 1) yield interact(work, task, step / (interactions + 1));
  if (!task.done && random.chance(profile.completes)) {
    task.done = true;
    yield say(work, task, 'completed', { completion: true, duration: `PT${work.clock - began}S` });
  }
  yield say(work, task, 'terminated', { duration: `PT${work.clock - began}S` });
}

function interact(work: Work, task: Task, progress: number): StatementAction {
  if (work.random.chance(0.5)) return say(work, task, 'progressed', { progress: Math.round(progress * 100) });
  return say(work, task, task.item.type === 'VIDEO' ? 'interacted' : 'experienced');
}

/** A learner gets better with each attempt; after the third the quiz is left alone. */
function* takeQuiz(work: Work, task: Task): Generator<Action, void> {
  const { random, profile, learner, seed } = work;
  yield say(work, task, 'launched');
  task.attempts += 1;
  advance(work);
  const quiz: QuizAction = {
    kind: 'quiz',
    learner: learner.index,
    at: work.clock,
    course: task.course,
    item: task.item,
    attempt: task.attempts,
    idempotencyKey: stableUuid(`${seed}/${learner.index}/${task.item.id}/attempt/${task.attempts}`),
    knows: Math.min(0.98, profile.knows + 0.15 * (task.attempts - 1)),
  };
  yield quiz;
  task.done = task.attempts >= 3 || random.chance(quiz.knows);
}

function say(
  work: Work,
  task: Task,
  verb: StatementAction['verb'],
  result?: StatementAction['result'],
): StatementAction {
  advance(work);
  work.statements += 1;
  const { seed, learner } = work;
  return {
    kind: 'statement',
    learner: learner.index,
    at: work.clock,
    course: task.course,
    item: task.item,
    id: stableUuid(`${seed}/${learner.index}/${work.statements}`),
    verb,
    registration: stableUuid(`${seed}/${learner.index}/registration/${task.course.id}`),
    ...(result === undefined ? {} : { result }),
  };
}

function advance(work: Work): void {
  work.clock += work.random.between(...work.profile.pauseSeconds);
}
