import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const storeJobMutations = {
  storeExportCreate: (_parent, { input }, context) =>
    payload(async () => ({ job: await context.storeExports.create(requireViewer(context), input) })),

  storeImportCreate: (_parent, { input }, context) =>
    payload(async () => ({ job: await context.storeImports.create(requireViewer(context), input) })),

  storeJobCancel: (_parent, { input }, context) =>
    payload(async () => ({ job: await context.storeJobs.cancel(requireViewer(context), input.id) })),
} satisfies MutationResolvers;
