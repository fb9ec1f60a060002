import { connection, requireViewer } from '@lyceum/graphql';
import { requireLeader } from '../domain/access.ts';
import type { CourseResolvers } from '../generated/resolver-types.ts';

export const Course: CourseResolvers = {
  __resolveReference: ({ id }) => ({ id }),

  myProgress: async ({ id: courseId }, _args, context) => {
    const { userId: learnerId } = requireViewer(context);
    const [progress] = await context.load.progressOf.load({ courseId, learnerId });
    return progress ?? null;
  },

  myEnrolment: async ({ id }, _args, context) => {
    requireViewer(context);
    const [enrolment] = await context.load.openEnrolment.load(id);
    return enrolment ?? null;
  },

  progresses: ({ id: parentId }, { filter: given, ...args }, context) => {
    requireLeader(requireViewer(context));
    const filter = given ?? {};
    return connection(args, {
      rows: (page) => context.load.progressPage.load({ parentId, args: { filter, page } }),
      key: ({ id }) => [id],
      count: () => context.load.progressCount.load({ parentId, args: filter }),
    });
  },
};
