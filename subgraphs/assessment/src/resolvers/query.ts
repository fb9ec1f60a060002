import { connection, requireViewer } from '@lyceum/graphql';
import { notFound } from '@lyceum/service';
import type { QueryResolvers } from '../generated/resolver-types.ts';

const byId = ({ id }: { id: string }) => [id];

export const Query: Required<QueryResolvers> = {
  assessment: async (_parent, { id }, { load }) => {
    const assessment = await load.assessment.load(id);
    if (!assessment) throw notFound('assessment', id);
    return assessment;
  },

  assessments: (_parent, { filter, ...args }, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.assessments.page(viewer, filter ?? {}, page),
      key: byId,
      count: () => context.assessments.count(viewer, filter ?? {}),
    });
  },

  attempt: async (_parent, { id }, { load }) => {
    const attempt = await load.attempt.load(id);
    if (!attempt) throw notFound('attempt', id);
    return attempt;
  },

  attempts: (_parent, { filter, ...args }, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.attempts.page(viewer, filter ?? {}, page),
      key: byId,
      count: () => context.attempts.count(viewer, filter ?? {}),
    });
  },
};
