/**
 * The kinds of question, each as three values that are kept apart: what everybody sees of it (the content), what is
 * right (the key), and what a learner responds (the answer).
 */

export interface Choice {
  readonly id: string;
  readonly text: string;
}

interface ChoiceContent {
  readonly type: 'SINGLE_CHOICE' | 'MULTIPLE_RESPONSE';
  /** In the author's order. */
  readonly choices: readonly Choice[];
}

/** What a learner may see: never anything of the key. */
export type QuestionContent =
  ChoiceContent | { readonly type: 'TRUE_FALSE' } | { readonly type: 'NUMERICAL' };

export type QuestionType = QuestionContent['type'];

interface Feedback {
  /** Said after submission whatever the answer. */
  readonly generalFeedback: string | null;
}

/** Whether a choice is right, and what is said to those who chose it. */
export interface ChoiceKey {
  readonly choice: Choice;
  readonly correct: boolean;
  readonly feedback: string | null;
}

export interface ChoiceAnswerKey extends Feedback {
  readonly type: 'SINGLE_CHOICE' | 'MULTIPLE_RESPONSE';
  /** Every choice of the content, in its order. */
  readonly choices: readonly ChoiceKey[];
}

export interface TrueFalseAnswerKey extends Feedback {
  readonly type: 'TRUE_FALSE';
  readonly isTrue: boolean;
  readonly feedbackIfTrue: string | null;
  readonly feedbackIfFalse: string | null;
}

export interface NumericalAnswerKey extends Feedback {
  readonly type: 'NUMERICAL';
  readonly value: number;
  /** How far from the value an answer may be, 0 or more. */
  readonly tolerance: number;
}

/** What is right, and what is said about it after submission. */
export type AnswerKey = ChoiceAnswerKey | TrueFalseAnswerKey | NumericalAnswerKey;

interface ChoiceAnswer {
  readonly type: 'SINGLE_CHOICE' | 'MULTIPLE_RESPONSE';
  /** At least one (exactly one in a single choice), in the order of the content. */
  readonly choiceIds: readonly string[];
}

/** What a learner responds. */
export type Answer =
  | ChoiceAnswer
  | { readonly type: 'TRUE_FALSE'; readonly isTrue: boolean }
  | { readonly type: 'NUMERICAL'; readonly value: number };
