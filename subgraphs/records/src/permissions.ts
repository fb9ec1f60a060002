import { can } from '@lyceum/graphql';

/** Who may call what. Whose statements a viewer sees is the domain's to decide (domain/access.ts). */
export const permissions = {
  Query: {
    statement: can('statement.read.own', 'statement.read.all'),
    statements: can('statement.read.own', 'statement.read.all'),
    storeJob: can('store-job.read'),
    storeJobs: can('store-job.read'),
  },
  Mutation: {
    storeExportCreate: can('store.export'),
    storeImportCreate: can('store.import'),
    storeJobCancel: can('store.export', 'store.import', 'retention.update'),
  },
  Subscription: {
    storeJobChanged: can('store-job.read'),
    statementReceived: can('statement.read.own', 'statement.read.all'),
  },
};
