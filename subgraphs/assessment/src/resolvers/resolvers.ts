import type { Resolvers } from '../generated/resolver-types.ts';
import { Assessment } from './assessment.ts';
import { Attempt } from './attempt.ts';
import { Mutation } from './mutation.ts';
import { Query } from './query.ts';
import { QuestionResponse, ResponseAnswer } from './question-response.ts';
import {
  AnswerKey,
  MultipleResponseVersion,
  NumericalVersion,
  QuestionVersion,
  SingleChoiceVersion,
  TrueFalseVersion,
} from './question-version.ts';
import { Question } from './question.ts';
import { Subscription } from './subscription.ts';

/** All resolvers of schema.graphql. */
export const resolvers: Resolvers = {
  Query,
  Mutation,
  Subscription,
  Assessment,
  Question,
  QuestionVersion,
  SingleChoiceVersion,
  MultipleResponseVersion,
  TrueFalseVersion,
  NumericalVersion,
  AnswerKey,
  Attempt,
  QuestionResponse,
  ResponseAnswer,
};
