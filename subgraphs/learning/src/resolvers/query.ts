import { connection, requirePerson, requireViewer } from '@lyceum/graphql';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  enrolment: (_parent, { id }, context) => context.enrolments.get(requireViewer(context), id),

  enrolments: (_parent, { filter, ...args }, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.enrolments.page(viewer, filter ?? {}, page),
      key: ({ id }) => [id],
      count: () => context.enrolments.count(viewer, filter ?? {}),
    });
  },

  progress: (_parent, { courseId, learnerId }, context) => {
    const viewer = learnerId == null ? requirePerson(context) : requireViewer(context);
    return context.progress.get(viewer, courseId, learnerId);
  },
};
