import { mapIterator } from '@lyceum/events';
import { requireViewer } from '@lyceum/graphql';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';

export const Subscription: SubscriptionResolvers = {
  storeJobChanged: {
    subscribe: async (_parent, { id }, context) => {
      const jobs = await context.storeJobs.updates(requireViewer(context), id);
      return mapIterator(jobs, (storeJobChanged) => ({ storeJobChanged }));
    },
  },

  statementForwardingChanged: {
    subscribe: async (_parent, { id }, context) => {
      const forwardings = await context.statementForwardings.updates(requireViewer(context), id);
      return mapIterator(forwardings, (statementForwardingChanged) => ({ statementForwardingChanged }));
    },
  },

  statementReceived: {
    subscribe: async (_parent, args, context) => {
      const received = await context.statements.received(requireViewer(context), args);
      return mapIterator(received, (statementReceived) => ({ statementReceived }));
    },
  },
};
