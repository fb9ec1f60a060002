import type { CourseResolvers } from '../generated/resolver-types.ts';

export const Course: CourseResolvers = {
  __resolveReference: ({ id }, { load }) => load.course.load(id),

  modules: ({ id }, _args, { load }) => load.modulesOfCourse.load(id),

  activityIri: ({ id }, _args, { activityIri }) => activityIri(id),
};
