import type { Answer, AnswerKey, ChoiceAnswerKey, NumericalAnswerKey } from './question-kinds.ts';

export type Correctness = 'CORRECT' | 'PARTIALLY_CORRECT' | 'INCORRECT' | 'UNANSWERED';

/** How one response was graded. */
export interface GradedResponse {
  readonly correctness: Correctness;
  /** Points, 0 to those of the question, to six decimals. */
  readonly score: number;
  /** About what was chosen, then in general. */
  readonly feedback: readonly string[];
}

/** What an attempt scored: points, the points that there were, and their ratio (0 to 1). */
export interface AttemptScore {
  readonly raw: number;
  readonly max: number;
  readonly scaled: number;
}

/**
 * Grades a response: the share of the points that it earns by the rule of its kind, and what is said about it.
 *
 * - single choice, true/false: all or nothing;
 * - multiple response: (right chosen − wrong chosen) ÷ right ones, at least 0, so that choosing everything earns
 *   nothing unless everything is right ("right minus wrong", as in Canvas' multiple answers);
 * - numerical: all where the number is within the tolerance, bounds included, else nothing.
 */
export function gradeResponse(points: number, key: AnswerKey, answer: Answer | null): GradedResponse {
  const general = key.generalFeedback === null ? [] : [key.generalFeedback];
  if (answer === null) return { correctness: 'UNANSWERED', score: 0, feedback: general };
  const share = shareOf(key, answer);
  return {
    correctness: share === 1 ? 'CORRECT' : share > 0 ? 'PARTIALLY_CORRECT' : 'INCORRECT',
    score: toSixDecimals(points * share),
    feedback: [...feedbackOn(key, answer), ...general],
  };
}

/** The share of the points, 0 to 1. */
function shareOf(key: AnswerKey, answer: Answer): number {
  if (key.type === 'TRUE_FALSE' && answer.type === 'TRUE_FALSE') return key.isTrue === answer.isTrue ? 1 : 0;
  if (key.type === 'NUMERICAL' && answer.type === 'NUMERICAL') return isWithin(key, answer.value) ? 1 : 0;
  if ('choices' in key && 'choiceIds' in answer) return rightMinusWrong(key, answer.choiceIds);
  throw new Error(`An answer of the kind ${answer.type} was kept for a question of the kind ${key.type}`);
}

/** A single choice is the case of one right choice, of which one is chosen: 1 or, floored, 0. */
function rightMinusWrong({ choices }: ChoiceAnswerKey, chosen: readonly string[]): number {
  const right = choices.filter(({ correct }) => correct).length;
  const hits = choices.filter(({ choice, correct }) => correct && chosen.includes(choice.id)).length;
  const misses = chosen.length - hits;
  return Math.max(0, (hits - misses) / right);
}

/**
 * Decimal fractions have no exact binary form: 0.4 − 0.3 is a little more than 0.1. What is off by no more than the
 * rounding of the two operands counts as within.
 */
function isWithin({ value, tolerance }: NumericalAnswerKey, given: number): boolean {
  const rounding = 4 * Number.EPSILON * Math.max(Math.abs(value), Math.abs(given), tolerance);
  return Math.abs(given - value) <= tolerance + rounding;
}

function feedbackOn(key: AnswerKey, answer: Answer): string[] {
  const said =
    key.type === 'TRUE_FALSE' && answer.type === 'TRUE_FALSE'
      ? [answer.isTrue ? key.feedbackIfTrue : key.feedbackIfFalse]
      : 'choices' in key && 'choiceIds' in answer
        ? key.choices
            .filter(({ choice }) => answer.choiceIds.includes(choice.id))
            .map(({ feedback }) => feedback)
        : [];
  return said.filter((text) => text !== null);
}

/** The score of an attempt from its responses: their points, and what they earned. */
export function scoreOf(responses: readonly { points: number; score: number }[]): AttemptScore {
  const raw = toSixDecimals(sum(responses.map(({ score }) => score)));
  const max = toSixDecimals(sum(responses.map(({ points }) => points)));
  return { raw, max, scaled: toSixDecimals(raw / max) };
}

/** Whether a score reaches the passing score; what six decimals cut off does not fail anybody. */
export function passes({ scaled }: AttemptScore, passingScore: number): boolean {
  return scaled >= passingScore - 1e-6;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function toSixDecimals(number: number): number {
  return Math.round(number * 1e6) / 1e6;
}
