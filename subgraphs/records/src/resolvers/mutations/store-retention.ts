import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const storeRetentionMutations = {
  storeRetentionSet: (_parent, { input }, context) =>
    payload(async () => ({
      retention: await context.storeRetentions.set(requireViewer(context), input.rules),
    })),

  storeRetentionClear: (_parent, _args, context) =>
    payload(async () => {
      await context.storeRetentions.clear(requireViewer(context));
      return {};
    }),

  storeRetentionRun: (_parent, _args, context) =>
    payload(async () => ({ job: await context.storeRetentions.run(requireViewer(context)) })),
} satisfies MutationResolvers;
