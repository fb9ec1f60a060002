import { encodeEventCursor, mapIterator } from '@lyceum/events';
import { requireViewer } from '@lyceum/graphql';
import type { StatementReceivedResolvers, SubscriptionResolvers } from '../generated/resolver-types.ts';

export const Subscription: SubscriptionResolvers = {
  statementReceived: {
    subscribe: async (_parent, { filter, after }, context) => {
      const received = await context.liveStatements.received(requireViewer(context), filter ?? {}, after);
      return mapIterator(received, (statementReceived) => ({ statementReceived }));
    },
  },
};

export const StatementReceived: StatementReceivedResolvers = {
  cursor: ({ place }) => encodeEventCursor(place),
};
