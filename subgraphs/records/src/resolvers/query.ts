import { connection, found, requireViewer } from '@lyceum/graphql';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  statement: (_parent, { id }, { load }) => found(load.statement, 'statement', id),

  statements: (_parent, { filter, orderBy, ...args }, context) =>
    connection(args, context.statements.listed(requireViewer(context), filter ?? {}, orderBy)),
};
