import { shownAnswer } from '../domain/response-answer.ts';
import type { QuestionResponseResolvers, ResponseAnswerResolvers } from '../generated/resolver-types.ts';

export const QuestionResponse: QuestionResponseResolvers = {
  question: ({ version }) => version,

  answer: ({ version, answer }) => answer && shownAnswer(version.content, answer),

  // Written when the attempt is graded, so that before there is nothing here to keep back.
  result: ({ correctness, score, feedback }) =>
    correctness === null || score === null ? null : { correctness, score, feedback },
};

export const ResponseAnswer: ResponseAnswerResolvers = { __resolveType: ({ kind }) => kind };
