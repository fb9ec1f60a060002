import { requireViewer } from '@lyceum/graphql';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';

export const Subscription: SubscriptionResolvers = {
  attemptGraded: {
    async *subscribe(_parent, { assessmentId }, context) {
      const graded = context.attempts.gradedLive(requireViewer(context), assessmentId ?? undefined);
      for await (const attempt of graded) yield { attemptGraded: attempt };
    },
  },
};
