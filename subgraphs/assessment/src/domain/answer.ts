import { invalid, notFound } from '@lyceum/service';
import type { Answer, QuestionContent } from './question-kinds.ts';

/** A response as a client sends it: exactly the field that fits the kind of the question. */
export interface ResponseDraft {
  readonly choiceId?: string | null | undefined;
  readonly choiceIds?: readonly string[] | null | undefined;
  readonly isTrue?: boolean | null | undefined;
  readonly value?: number | null | undefined;
}

const fieldOf = {
  SINGLE_CHOICE: 'choiceId',
  MULTIPLE_RESPONSE: 'choiceIds',
  TRUE_FALSE: 'isTrue',
  NUMERICAL: 'value',
} as const;

const fields = Object.values(fieldOf);
const at = ['input', 'response'];

/**
 * Holds a response against what can be responded to the question. It says nothing about what is right: it knows the
 * content alone.
 *
 * @throws DomainError INVALID or NOT_FOUND (a choice) at the field at fault.
 */
export function answerTo(content: QuestionContent, response: ResponseDraft): Answer {
  refuseOtherFields(content, response);
  const { choiceId, choiceIds, isTrue, value } = response;
  if (content.type === 'SINGLE_CHOICE' && choiceId != null) return chosen(content, [choiceId], 'choiceId');
  if (content.type === 'MULTIPLE_RESPONSE' && choiceIds != null)
    return chosen(content, choiceIds, 'choiceIds');
  if (content.type === 'TRUE_FALSE' && isTrue != null) return { type: 'TRUE_FALSE', isTrue };
  if (content.type === 'NUMERICAL' && value != null) return { type: 'NUMERICAL', value };
  throw invalid(at, `A ${content.type} question is answered with ${fieldOf[content.type]}.`);
}

function refuseOtherFields({ type }: QuestionContent, response: ResponseDraft): void {
  const other = fields.find((field) => field !== fieldOf[type] && response[field] != null);
  if (other) throw invalid([...at, other], `A ${type} question is answered with ${fieldOf[type]}.`);
}

function chosen(
  { type, choices }: Extract<QuestionContent, { choices: unknown }>,
  ids: readonly string[],
  name: string,
): Answer {
  const field = [...at, name];
  if (ids.length === 0)
    throw invalid(field, 'Name at least one choice; to take the response back, send null.');
  if (new Set(ids).size !== ids.length) throw invalid(field, 'Name each choice once.');
  const unknown = ids.find((id) => !choices.some((choice) => choice.id === id));
  if (unknown !== undefined) throw notFound('choice', unknown, field);
  // In the question's order, so that the order of clicking is not kept, and equal responses are equal values.
  return { type, choiceIds: choices.filter(({ id }) => ids.includes(id)).map(({ id }) => id) };
}
