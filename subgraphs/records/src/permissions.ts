import { signedIn } from '@lyceum/graphql';

/** Who may call what. Whose statements a viewer sees is the domain's to decide (domain/access.ts). */
export const permissions = {
  Query: {
    statement: signedIn,
    statements: signedIn,
  },
  Mutation: {},
  Subscription: {
    statementReceived: signedIn,
  },
};
