import { connection, requireViewer } from '@lyceum/graphql';
import { notFound } from '@lyceum/service';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  course: async (_parent, { id }, { load }) => {
    const course = await load.course.load(id);
    if (!course) throw notFound('course', id);
    return course;
  },

  courseBySlug: (_parent, { slug }, context) => context.courses.readableBySlug(requireViewer(context), slug),

  courses: async (_parent, { filter, orderBy, ...args }, context) =>
    connection(args, context.courses.listed(requireViewer(context), filter ?? {}, orderBy)),
};
