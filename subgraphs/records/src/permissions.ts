import { can } from '@lyceum/graphql';

/** Who may call what. Whose statements a viewer sees is the domain's to decide (domain/access.ts). */
export const permissions = {
  Query: {
    statement: can('statement.read.own', 'statement.read.all'),
    statements: can('statement.read.own', 'statement.read.all'),
    statementCounts: can('statement.read.own', 'statement.read.all'),
    recordStoreHealth: can('store.health.read'),
    recordStoreVolumes: can('store.volume.read'),
    deadLetter: can('dead-letter.read', 'dead-letter.read.all'),
    deadLetters: can('dead-letter.read', 'dead-letter.read.all'),
  },
  Mutation: {
    deadLetterResend: can('dead-letter.resend'),
    deadLetterDiscard: can('dead-letter.discard'),
  },
  Subscription: {
    statementReceived: can('statement.read.own', 'statement.read.all'),
    recordStoreHealthMeasured: can('store.health.read'),
    statementRateMeasured: can('store.health.read', 'statement.read.all'),
  },
};
