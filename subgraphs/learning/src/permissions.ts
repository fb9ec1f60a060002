import { signedIn } from '@lyceum/graphql';

/** Who may call what. Whose enrolment or progress it is, and who sees that of others, the domain decides. */
export const permissions = {
  Query: {
    enrolment: signedIn,
    enrolments: signedIn,
    progress: signedIn,
  },
  Mutation: {
    enrolmentCreate: signedIn,
    enrolmentWithdraw: signedIn,
  },
  Subscription: {
    progressUpdated: signedIn,
  },
};
