import { notFound } from '@lyceum/service';
import { bucketWindow } from '../domain/course-activity.ts';
import type { CourseResolvers } from '../generated/resolver-types.ts';

export const Course: CourseResolvers = {
  __resolveReference: ({ id }) => ({ id }),

  activity: async ({ id }, { granularity, since, until }, { load }) => {
    const buckets = await load.activityOfCourse(id, bucketWindow(granularity, since, until ?? new Date()));
    if (!buckets) throw notFound('course', id);
    return buckets;
  },
};
