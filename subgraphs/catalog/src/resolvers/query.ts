import { connection, found, requireViewer } from '@lyceum/graphql';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  course: (_parent, { id }, { load }) => found(load.course, 'course', id),

  courseBySlug: (_parent, { slug }, context) => context.courses.readableBySlug(requireViewer(context), slug),

  courses: (_parent, { filter, orderBy, ...args }, context) =>
    connection(args, context.courses.listed(requireViewer(context), filter ?? {}, orderBy)),
};
