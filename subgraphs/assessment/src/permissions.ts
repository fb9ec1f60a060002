import { hasRole, signedIn } from '@lyceum/graphql';
import { authors, staff } from './domain/access.ts';

const mayWrite = hasRole(...authors);

/** Who may call what. Whose attempt or assessment it is, the domain decides. */
export const permissions = {
  Query: {
    assessment: signedIn,
    assessments: hasRole(...staff),
    attempt: signedIn,
    attempts: signedIn,
  },
  Mutation: {
    assessmentCreate: mayWrite,
    assessmentUpdate: mayWrite,
    questionCreate: mayWrite,
    questionUpdate: mayWrite,
    questionDelete: mayWrite,
    questionsReorder: mayWrite,
    attemptStart: signedIn,
    attemptAnswer: signedIn,
    attemptSubmit: signedIn,
  },
  Subscription: {
    attemptGraded: signedIn,
  },
};
