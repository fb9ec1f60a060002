import { connection, requireViewer } from '@lyceum/graphql';
import { notFound } from '@lyceum/service';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: QueryResolvers = {
  statement: async (_parent, { id }, { load }) => {
    const statement = await load.statement.load(id);
    if (!statement) throw notFound('statement', id);
    return statement;
  },

  statements: async (_parent, { filter, ...args }, context) =>
    connection(args, context.statements.listed(requireViewer(context), filter ?? {})),
};
