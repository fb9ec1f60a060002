import type { Answer, Choice, QuestionContent } from './question-kinds.ts';

/** An answer as it is shown: with the choices' texts, not their ids alone. */
export type ResponseAnswer = ChoiceResponse | TrueFalseResponse | NumericalResponse;

export interface ChoiceResponse {
  readonly kind: 'ChoiceResponse';
  readonly choices: readonly Choice[];
}

export interface TrueFalseResponse {
  readonly kind: 'TrueFalseResponse';
  readonly isTrue: boolean;
}

export interface NumericalResponse {
  readonly kind: 'NumericalResponse';
  readonly value: number;
}

/** Shows an answer to a question with this content. */
export function shownAnswer(content: QuestionContent, answer: Answer): ResponseAnswer {
  switch (answer.type) {
    case 'TRUE_FALSE':
      return { kind: 'TrueFalseResponse', isTrue: answer.isTrue };
    case 'NUMERICAL':
      return { kind: 'NumericalResponse', value: answer.value };
    case 'SINGLE_CHOICE':
    case 'MULTIPLE_RESPONSE': {
      const choices = 'choices' in content ? content.choices : [];
      return { kind: 'ChoiceResponse', choices: choices.filter(({ id }) => answer.choiceIds.includes(id)) };
    }
  }
}
