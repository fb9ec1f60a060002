import type { VerbName } from '@lyceum/xapi';
import type { Course, CourseItem } from './course.ts';

interface ActionFields {
  /** Which learner does it: their `index`. */
  readonly learner: number;
  /** Seconds since the beginning of the simulation, a Monday at midnight UTC. */
  readonly at: number;
  readonly course: Course;
  readonly item: CourseItem;
}

/** A learner's tool says something. */
export interface StatementAction extends ActionFields {
  readonly kind: 'statement';
  /** UUID; the same seed gives the same one. */
  readonly id: string;
  readonly verb: VerbName;
  /** UUID of this learner's way through this course. */
  readonly registration: string;
  readonly result?: { readonly completion?: true; readonly duration?: string; readonly progress?: number };
}

/** A learner takes a quiz, over the graph. */
export interface QuizAction extends ActionFields {
  readonly kind: 'quiz';
  /** 1 for the first attempt at this quiz. */
  readonly attempt: number;
  /** The same for every try to send it. */
  readonly idempotencyKey: string;
  /** The probability that an answer is right. */
  readonly knows: number;
}

export type Action = StatementAction | QuizAction;
