import { mapIterator } from '@lyceum/events';
import { requireViewer } from '@lyceum/graphql';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';

export const Subscription: SubscriptionResolvers = {
  statementReceived: {
    subscribe: async (_parent, args, context) => {
      const received = await context.statements.received(requireViewer(context), args);
      return mapIterator(received, (statementReceived) => ({ statementReceived }));
    },
  },
};
