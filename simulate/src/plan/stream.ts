import type { Action } from './action.ts';
import type { Course } from './course.ts';
import type { Learner } from './learner.ts';
import { learnerActions } from './learner-actions.ts';
import { createTimeline } from './timeline.ts';

/**
 * What all learners do, in order of time: pure, so that the same seed, learners and courses give the same stream.
 * It ends only when every learner has given up.
 */
export function* planStream(
  seed: number,
  learners: readonly Learner[],
  courses: readonly Course[],
): Generator<Action, void> {
  const timeline = createTimeline<{ action: Action; rest: Generator<Action, void> }>();
  const enqueue = (rest: Generator<Action, void>) => {
    const step = rest.next();
    if (step.done !== true) timeline.push(step.value.at, { action: step.value, rest });
  };
  for (const learner of learners) enqueue(learnerActions(seed, learner, courses));
  for (let first = timeline.pop(); first !== undefined; first = timeline.pop()) {
    yield first.action;
    enqueue(first.rest);
  }
}
