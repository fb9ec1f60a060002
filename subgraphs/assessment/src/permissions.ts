import { can } from '@lyceum/graphql';

/** Who may call what. Whose attempt or assessment it is, and of which course, the domain decides. */
export const permissions = {
  Query: {
    assessment: can('assessment.read'),
    assessments: can('assessment.list'),
    attempt: can('attempt.read.own', 'attempt.read'),
    attempts: can('attempt.read.own', 'attempt.read'),
  },
  Mutation: {
    assessmentCreate: can('assessment.create'),
    assessmentUpdate: can('assessment.update'),
    questionCreate: can('assessment.update'),
    questionUpdate: can('assessment.update'),
    questionDelete: can('assessment.update'),
    questionsReorder: can('assessment.update'),
    attemptStart: can('attempt.take'),
    attemptAnswer: can('attempt.take'),
    attemptSubmit: can('attempt.take'),
  },
  Subscription: {
    attemptGraded: can('attempt.read.own', 'attempt.read'),
  },
};
