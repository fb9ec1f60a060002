import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const moduleMutations = {
  moduleCreate: (_parent, { input }, context) =>
    payload(async () => ({ module: await context.modules.create(requireViewer(context), input) })),

  moduleUpdate: (_parent, { input }, context) =>
    payload(async () => ({ module: await context.modules.update(requireViewer(context), input) })),

  moduleDelete: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.modules.delete(requireViewer(context), input.id) })),

  modulesReorder: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.modules.reorder(requireViewer(context), input) })),
} satisfies MutationResolvers;
