import { connection, requireViewer } from '@lyceum/graphql';
import { coursesSeenOf } from '../domain/access.ts';
import type { UserResolvers } from '../generated/resolver-types.ts';

export const User: UserResolvers = {
  __resolveReference: ({ id }) => ({ id }),

  enrolments: ({ id: parentId }, args, context) => {
    const courseIds = coursesSeenOf(requireViewer(context), parentId);
    return connection(args, {
      rows: (page) => context.load.enrolmentPage.load({ parentId, args: { page, courseIds } }),
      key: ({ id }) => [id],
      count: () => context.load.enrolmentCount.load({ parentId, args: { courseIds } }),
    });
  },
};
