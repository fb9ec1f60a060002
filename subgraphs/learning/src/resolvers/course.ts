import { connection, requirePerson, requireViewer } from '@lyceum/graphql';
import { requirePermission } from '@lyceum/service';
import type { CourseResolvers } from '../generated/resolver-types.ts';

export const Course: CourseResolvers = {
  __resolveReference: ({ id }) => ({ id }),

  myProgress: async ({ id: courseId }, _args, context) => {
    const viewer = requirePerson(context);
    requirePermission(viewer, 'progress.read.own');
    const { userId: learnerId } = viewer;
    const [progress] = await context.load.progressOf.load({ courseId, learnerId });
    return progress ?? null;
  },

  myEnrolment: async ({ id }, _args, context) => {
    requirePermission(requirePerson(context), 'enrolment.read.own');
    const [enrolment] = await context.load.openEnrolment.load(id);
    return enrolment ?? null;
  },

  progresses: ({ id: parentId }, { filter: given, ...args }, context) => {
    requirePermission(requireViewer(context), 'progress.read', { course: parentId });
    const filter = given ?? {};
    return connection(args, {
      rows: (page) => context.load.progressPage.load({ parentId, args: { filter, page } }),
      key: ({ id }) => [id],
      count: () => context.load.progressCount.load({ parentId, args: filter }),
    });
  },
};
