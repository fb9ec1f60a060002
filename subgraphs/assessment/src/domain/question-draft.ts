import { invalid, newId } from '@lyceum/service';
import { checkedOptionalText, checkedText } from './checked-text.ts';
import { tooManyChoices } from './errors.ts';
import type { AnswerKey, ChoiceAnswerKey, QuestionContent } from './question-kinds.ts';

/** A version of a question as an author writes it; exactly one of the four kinds is there. */
export interface QuestionDraft {
  readonly text: string;
  readonly points: number;
  readonly generalFeedback?: string | null | undefined;
  readonly singleChoice?: ChoicesDraft | null | undefined;
  readonly multipleResponse?: ChoicesDraft | null | undefined;
  readonly trueFalse?: TrueFalseDraft | null | undefined;
  readonly numerical?: NumericalDraft | null | undefined;
}

export interface ChoicesDraft {
  readonly choices: readonly {
    readonly text: string;
    readonly correct: boolean;
    readonly feedback?: string | null | undefined;
  }[];
}

export interface TrueFalseDraft {
  readonly isTrue: boolean;
  readonly feedbackIfTrue?: string | null | undefined;
  readonly feedbackIfFalse?: string | null | undefined;
}

export interface NumericalDraft {
  readonly value: number;
  readonly tolerance: number;
}

/** A draft that passed: the text and points, and content and key apart. */
export interface CheckedQuestion {
  readonly text: string;
  readonly points: number;
  readonly content: QuestionContent;
  readonly key: AnswerKey;
}

const kinds = ['singleChoice', 'multipleResponse', 'trueFalse', 'numerical'] as const;
type Kind = (typeof kinds)[number];

const longestFeedback = 5_000;
const mostChoices = 20;
const fewestPoints = 0.01;
const mostPoints = 1_000;

/**
 * Holds a draft against the rules of its kind.
 *
 * @param at the draft's place in the input, such as `['input', 'content']`.
 * @throws DomainError INVALID or TOO_MANY at the field at fault.
 */
export function checkedQuestion(draft: QuestionDraft, at: readonly string[]): CheckedQuestion {
  const text = checkedText([...at, 'text'], draft.text, 10_000);
  refusePoints([...at, 'points'], draft.points);
  const generalFeedback = feedbackAt([...at, 'generalFeedback'], draft.generalFeedback);
  return { text, points: draft.points, ...contentAndKey(draft, at, generalFeedback) };
}

function refusePoints(field: readonly string[], points: number): void {
  if (!(points >= fewestPoints && points <= mostPoints)) {
    throw invalid(field, `Must be from ${fewestPoints} to ${mostPoints.toLocaleString('en')}.`);
  }
  // Scores are sums and shares of points, kept to six decimals: two for the points leave room.
  if (Math.round(points * 100) / 100 !== points) throw invalid(field, 'Must have at most two decimals.');
}

function contentAndKey(draft: QuestionDraft, at: readonly string[], generalFeedback: string | null) {
  const kind = onlyKind(draft, at);
  const { singleChoice, multipleResponse, trueFalse, numerical } = draft;
  if (singleChoice) return choices('SINGLE_CHOICE', singleChoice, [...at, kind], generalFeedback);
  if (multipleResponse) return choices('MULTIPLE_RESPONSE', multipleResponse, [...at, kind], generalFeedback);
  if (trueFalse) return trueOrFalse(trueFalse, [...at, kind], generalFeedback);
  if (numerical) return numberWithin(numerical, [...at, kind], generalFeedback);
  throw new Error(`A draft of no kind passed as ${kind}`);
}

function onlyKind(draft: QuestionDraft, at: readonly string[]): Kind {
  const [kind, another] = kinds.filter((name) => draft[name] != null);
  const rule = `Give exactly one of ${kinds.join(', ')}`;
  if (!kind) throw invalid(at, `${rule}.`);
  if (another) throw invalid([...at, another], `${rule}, not ${another} beside ${kind}.`);
  return kind;
}

function choices(
  type: ChoiceAnswerKey['type'],
  draft: ChoicesDraft,
  at: readonly string[],
  generalFeedback: string | null,
) {
  const field = [...at, 'choices'];
  if (draft.choices.length < 2) throw invalid(field, 'Give at least 2 choices.');
  if (draft.choices.length > mostChoices) throw tooManyChoices(field, mostChoices);
  const right = draft.choices.filter(({ correct }) => correct).length;
  if (type === 'SINGLE_CHOICE' && right !== 1)
    throw invalid(field, `Exactly 1 choice must be right; ${right} are.`);
  if (right === 0) throw invalid(field, 'At least 1 choice must be right.');
  const keys = draft.choices.map((choice, index) => choiceKey(choice, [...field, String(index)]));
  refuseRepeatedTexts(keys, field);
  const content: QuestionContent = { type, choices: keys.map(({ choice }) => choice) };
  const key: AnswerKey = { type, choices: keys, generalFeedback };
  return { content, key };
}

function choiceKey({ text, correct, feedback }: ChoicesDraft['choices'][number], at: readonly string[]) {
  return {
    choice: { id: newId('choice'), text: checkedText([...at, 'text'], text, 2_000) },
    correct,
    feedback: feedbackAt([...at, 'feedback'], feedback),
  };
}

function refuseRepeatedTexts(keys: ChoiceAnswerKey['choices'], field: readonly string[]): void {
  const seen = new Set<string>();
  for (const [index, { choice }] of keys.entries()) {
    if (seen.has(choice.text)) {
      throw invalid([...field, String(index), 'text'], 'Another choice says the same.');
    }
    seen.add(choice.text);
  }
}

function trueOrFalse(draft: TrueFalseDraft, at: readonly string[], generalFeedback: string | null) {
  const content: QuestionContent = { type: 'TRUE_FALSE' };
  const key: AnswerKey = {
    type: 'TRUE_FALSE',
    isTrue: draft.isTrue,
    feedbackIfTrue: feedbackAt([...at, 'feedbackIfTrue'], draft.feedbackIfTrue),
    feedbackIfFalse: feedbackAt([...at, 'feedbackIfFalse'], draft.feedbackIfFalse),
    generalFeedback,
  };
  return { content, key };
}

function numberWithin(draft: NumericalDraft, at: readonly string[], generalFeedback: string | null) {
  const { value, tolerance } = draft;
  if (!Number.isFinite(value)) throw invalid([...at, 'value'], 'Must be a finite number.');
  if (!(tolerance >= 0 && Number.isFinite(tolerance)))
    throw invalid([...at, 'tolerance'], 'Must be 0 or more.');
  const content: QuestionContent = { type: 'NUMERICAL' };
  const key: AnswerKey = { type: 'NUMERICAL', value, tolerance, generalFeedback };
  return { content, key };
}

function feedbackAt(field: readonly string[], text: string | null | undefined): string | null {
  return checkedOptionalText(field, text, longestFeedback);
}
