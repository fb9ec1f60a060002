import { notFound } from '@lyceum/service';
import type { ContentItemResolvers } from '../generated/resolver-types.ts';

export const ContentItem: ContentItemResolvers = {
  __resolveReference: ({ id }, { load }) => load.contentItem.load(id),

  assessment: ({ assessmentId }) => (assessmentId === null ? null : { id: assessmentId }),

  module: async ({ moduleId }, _args, { load }) => {
    const module = await load.module.load(moduleId);
    if (!module) throw notFound('module', moduleId);
    return module;
  },

  course: async ({ courseId }, _args, { load }) => {
    const course = await load.course.load(courseId);
    if (!course) throw notFound('course', courseId);
    return course;
  },

  activityIri: ({ id }, _args, { activityIri }) => activityIri(id),
};
