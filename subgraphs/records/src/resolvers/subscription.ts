import { encodeEventCursor, mapIterator } from '@lyceum/events';
import { requireViewer } from '@lyceum/graphql';
import type { StatementReceivedResolvers, SubscriptionResolvers } from '../generated/resolver-types.ts';

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
    subscribe: async (_parent, { filter, after }, context) => {
      const received = await context.liveStatements.received(requireViewer(context), filter ?? {}, after);
      return mapIterator(received, (statementReceived) => ({ statementReceived }));
    },
  },

  recordStoreHealthMeasured: {
    subscribe: (_parent, _args, context) =>
      mapIterator(context.liveHealth.health(requireViewer(context)), (recordStoreHealthMeasured) => ({
        recordStoreHealthMeasured,
      })),
  },

  statementRateMeasured: {
    subscribe: (_parent, { history }, context) =>
      mapIterator(
        context.liveHealth.rate(requireViewer(context), history ?? 60),
        (statementRateMeasured) => ({ statementRateMeasured }),
      ),
  },
};

export const StatementReceived: StatementReceivedResolvers = {
  cursor: ({ place }) => encodeEventCursor(place),
};
