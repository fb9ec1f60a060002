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
    statementCounts: can('statement.read.own', 'statement.read.all'),
    recordStoreHealth: can('store.health.read'),
    recordStoreVolumes: can('store.volume.read'),
    deadLetter: can('dead-letter.read', 'dead-letter.read.all'),
    deadLetters: can('dead-letter.read', 'dead-letter.read.all'),
    storeJob: can('store-job.read'),
    storeJobs: can('store-job.read'),
    statementForwarding: can('statement-forwarding.read'),
    statementForwardings: can('statement-forwarding.read'),
  },
  Mutation: {
    deadLetterResend: can('dead-letter.resend'),
    deadLetterDiscard: can('dead-letter.discard'),
    storeExportCreate: can('store.export'),
    storeImportCreate: can('store.import'),
    statementForwardingCreate: can('statement-forwarding.create'),
    statementForwardingUpdate: can('statement-forwarding.update'),
    statementForwardingPause: can('statement-forwarding.update'),
    statementForwardingResume: can('statement-forwarding.update'),
    statementForwardingDelete: can('statement-forwarding.delete'),
    statementForwardingTest: can('statement-forwarding.update'),
    storeJobCancel: can('store.export', 'store.import'),
  },
  Subscription: {
    storeJobChanged: can('store-job.read'),
    statementForwardingChanged: can('statement-forwarding.read'),
    statementReceived: can('statement.read.own', 'statement.read.all'),
    recordStoreHealthMeasured: can('store.health.read'),
    statementRateMeasured: can('store.health.read', 'statement.read.all'),
  },
};
