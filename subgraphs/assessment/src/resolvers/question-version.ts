import type { Context } from '../context.ts';
import type { AnswerKey as Key, ChoiceAnswerKey, QuestionType } from '../domain/question-kinds.ts';
import type {
  AnswerKeyResolvers,
  MultipleResponseVersionResolvers,
  NumericalVersionResolvers,
  QuestionVersionResolvers,
  SingleChoiceVersionResolvers,
  TrueFalseVersionResolvers,
} from '../generated/resolver-types.ts';
import { present } from './present.ts';

const versionTypes = {
  SINGLE_CHOICE: 'SingleChoiceVersion',
  MULTIPLE_RESPONSE: 'MultipleResponseVersion',
  TRUE_FALSE: 'TrueFalseVersion',
  NUMERICAL: 'NumericalVersion',
} as const satisfies Record<QuestionType, string>;

const keyTypes = {
  SINGLE_CHOICE: 'ChoiceAnswerKey',
  MULTIPLE_RESPONSE: 'ChoiceAnswerKey',
  TRUE_FALSE: 'TrueFalseAnswerKey',
  NUMERICAL: 'NumericalAnswerKey',
} as const satisfies Record<QuestionType, string>;

export const QuestionVersion: QuestionVersionResolvers = {
  __resolveType: ({ type }) => versionTypes[type],
};

export const AnswerKey: AnswerKeyResolvers = { __resolveType: ({ type }) => keyTypes[type] };

const question = async ({ questionId }: { questionId: string }, _args: object, { load }: Context) =>
  present(await load.referencedQuestion.load(questionId));

/** The key of a version of one kind of question. The loader refuses all but staff. */
function answerKeyOf<K extends Key>(isOfKind: (key: Key) => key is K) {
  return async ({ id }: { id: string }, _args: object, { load }: Context): Promise<K> => {
    const { key } = present(await load.answerKey.load(id));
    if (isOfKind(key)) return key;
    throw new Error(`The question version ${id} has the key of another kind, ${key.type}`);
  };
}

const choicesOf = {
  question,
  choices: ({ content }: { content: object }) => ('choices' in content ? content.choices : []) as never,
  answerKey: answerKeyOf((key): key is ChoiceAnswerKey => 'choices' in key),
};

export const SingleChoiceVersion: SingleChoiceVersionResolvers = choicesOf;

export const MultipleResponseVersion: MultipleResponseVersionResolvers = choicesOf;

export const TrueFalseVersion: TrueFalseVersionResolvers = {
  question,

  answerKey: answerKeyOf((key) => key.type === 'TRUE_FALSE'),
};

export const NumericalVersion: NumericalVersionResolvers = {
  question,

  answerKey: answerKeyOf((key) => key.type === 'NUMERICAL'),
};
