import type { CourseProgressResolvers } from '../generated/resolver-types.ts';
import { ifSeen } from './if-seen.ts';

export const CourseProgress: CourseProgressResolvers = {
  __resolveReference: async ({ id }, context) =>
    ifSeen(context, 'progress.read', await context.load.courseProgress.load(id)),

  learner: ({ learnerId }) => ({ id: learnerId }),

  course: ({ courseId }) => ({ id: courseId }),

  modules: ({ courseId, learnerId }, _args, { load }) => load.modulesOf.load({ courseId, learnerId }),
};
