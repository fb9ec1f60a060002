import { connection, requirePerson, requireViewer } from '@lyceum/graphql';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  enrolment: (_parent, { id }, context) => context.enrolments.get(requireViewer(context), id),

  enrolments: (_parent, { filter, ...args }, context) =>
    connection(args, context.enrolments.listed(requireViewer(context), filter ?? {})),

  progress: (_parent, { courseId, learnerId }, context) => {
    const viewer = learnerId == null ? requirePerson(context) : requireViewer(context);
    return context.progress.get(viewer, courseId, learnerId);
  },
};
