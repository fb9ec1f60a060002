import { mapIterator } from '@lyceum/events';
import { requireViewer } from '@lyceum/graphql';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';

export const Subscription: SubscriptionResolvers = {
  privacyJobChanged: {
    subscribe: async (_parent, { id }, context) => {
      const jobs = await context.privacyJobs.updates(requireViewer(context), id);
      return mapIterator(jobs, (privacyJobChanged) => ({ privacyJobChanged }));
    },
  },
};
