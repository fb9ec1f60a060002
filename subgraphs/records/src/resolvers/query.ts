import { connection, found, requireViewer } from '@lyceum/graphql';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  statement: (_parent, { id }, { load }) => found(load.statement, 'statement', id),

  storeJob: (_parent, { id }, { load }) => found(load.storeJob, 'job on the store', id),

  storeJobs: (_parent, { kind, ...args }, context) =>
    connection(args, context.storeJobs.listed(requireViewer(context), kind ?? undefined)),

  statementForwarding: (_parent, { id }, { load }) => found(load.statementForwarding, 'forwarding', id),

  statementForwardings: (_parent, args, context) =>
    connection(args, context.statementForwardings.listed(requireViewer(context))),

  statements: (_parent, { filter, ...args }, context) =>
    connection(args, context.statements.listed(requireViewer(context), filter ?? {})),
};
