import { notFound } from '@lyceum/service';
import type { ModuleResolvers } from '../generated/resolver-types.ts';

export const Module: ModuleResolvers = {
  __resolveReference: ({ id }, { load }) => load.module.load(id),

  items: ({ id }, _args, { load }) => load.itemsOfModule.load(id),

  course: async ({ courseId }, _args, { load }) => {
    const course = await load.course.load(courseId);
    if (!course) throw notFound('course', courseId);
    return course;
  },

  activityIri: ({ id }, _args, { activityIri }) => activityIri(id),
};
