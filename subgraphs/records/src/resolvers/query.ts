import { connection, found, requireViewer } from '@lyceum/graphql';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  statement: (_parent, { id }, { load }) => found(load.statement, 'statement', id),

  statements: (_parent, { filter, orderBy, ...args }, context) =>
    connection(args, context.statements.listed(requireViewer(context), filter ?? {}, orderBy)),

  statementCounts: (_parent, { filter, since, until }, context) =>
    context.statementCounts.of(requireViewer(context), filter ?? {}, since, until ?? new Date()),

  recordStoreHealth: (_parent, _args, context) => context.storeHealths.of(requireViewer(context)),

  recordStoreVolumes: (_parent, _args, context) => context.storeHealths.volumes(requireViewer(context)),

  storeJob: (_parent, { id }, { load }) => found(load.storeJob, 'job on the store', id),

  storeJobs: (_parent, { kind, ...args }, context) =>
    connection(args, context.storeJobs.listed(requireViewer(context), kind ?? undefined)),
};
