import { connection, requireViewer } from '@lyceum/graphql';
import { coursesSeenOf } from '../domain/access.ts';
import type { UserResolvers } from '../generated/resolver-types.ts';

export const User: UserResolvers = {
  __resolveReference: ({ id }) => ({ id }),

  enrolments: async ({ id: parentId }, args, context) => {
    const courseIds = await coursesSeenOf(requireViewer(context), parentId, context.load.groupsOf);
    return connection(args, {
      rows: (page) => context.load.enrolmentPage.load({ parentId, args: { page, courseIds } }),
      key: ({ id }) => [id],
      count: () => context.load.enrolmentCount.load({ parentId, args: { courseIds } }),
    });
  },
};
