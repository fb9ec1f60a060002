import { mapIterator } from '@lyceum/events';
import { requireViewer } from '@lyceum/graphql';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';

export const Subscription: SubscriptionResolvers = {
  attemptGraded: {
    // What is refused is refused before the stream begins, so that it is an answer with its code.
    subscribe: async (_parent, { assessmentId }, context) => {
      const graded = await context.attempts.gradedLive(requireViewer(context), assessmentId ?? undefined);
      return mapIterator(graded, (attemptGraded) => ({ attemptGraded }));
    },
  },
};
