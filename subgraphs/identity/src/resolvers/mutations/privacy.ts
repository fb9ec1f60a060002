import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const privacyMutations = {
  personalDataExport: (_parent, { input }, context) =>
    payload(async () => ({
      job: await context.privacyJobs.requestExport(requireViewer(context), input.userId),
    })),

  personErase: (_parent, { input }, context) =>
    payload(async () => ({ job: await context.privacyJobs.requestErasure(requireViewer(context), input) })),
} satisfies MutationResolvers;
