import { can } from '@lyceum/graphql';

/** Who may call what. Whose statements a viewer sees is the domain's to decide (domain/access.ts). */
export const permissions = {
  Query: {
    statement: can('statement.read.own', 'statement.read.all'),
    statements: can('statement.read.own', 'statement.read.all'),
    activity: can('statement.read.own', 'statement.read.all'),
    activities: can('statement.read.own', 'statement.read.all'),
    agent: can('statement.read.own', 'statement.read.all'),
    agents: can('statement.read.own', 'statement.read.all'),
    verbs: can('statement.read.own', 'statement.read.all'),
  },
  Mutation: {},
  Subscription: {
    statementReceived: can('statement.read.own', 'statement.read.all'),
  },
};
