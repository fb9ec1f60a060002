import { connection, found, requireViewer } from '@lyceum/graphql';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  assessment: (_parent, { id }, { load }) => found(load.assessment, 'assessment', id),

  assessments: (_parent, { filter, ...args }, context) =>
    connection(args, context.assessments.listed(requireViewer(context), filter ?? {})),

  attempt: (_parent, { id }, { load }) => found(load.attempt, 'attempt', id),

  attempts: (_parent, { filter, ...args }, context) =>
    connection(args, context.attempts.listed(requireViewer(context), filter ?? {})),
};
