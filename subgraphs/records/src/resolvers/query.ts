import { connection, found, requireViewer } from '@lyceum/graphql';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  statement: (_parent, { id }, { load }) => found(load.statement, 'statement', id),

  statements: (_parent, { filter, ...args }, context) =>
    connection(args, context.statements.listed(requireViewer(context), filter ?? {})),

  statementCounts: (_parent, { filter, since, until }, context) =>
    context.statementCounts.of(requireViewer(context), filter ?? {}, since, until ?? new Date()),

  deadLetter: (_parent, { id }, context) => context.deadLetters.one(requireViewer(context), id),

  deadLetters: (_parent, { filter, ...args }, context) =>
    connection(args, context.deadLetters.listed(requireViewer(context), filter ?? {})),

  recordStoreHealth: (_parent, _args, context) => context.storeHealths.of(requireViewer(context)),

  recordStoreVolumes: (_parent, _args, context) => context.storeHealths.volumes(requireViewer(context)),
};
