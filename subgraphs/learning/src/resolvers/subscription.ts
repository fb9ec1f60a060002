import { mapIterator } from '@lyceum/events';
import { requireViewer } from '@lyceum/graphql';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';

export const Subscription: SubscriptionResolvers = {
  progressUpdated: {
    subscribe: async (_parent, { courseId }, context) => {
      const updates = await context.progress.updates(requireViewer(context), courseId);
      return mapIterator(updates, (progressUpdated) => ({ progressUpdated }));
    },
  },
};
