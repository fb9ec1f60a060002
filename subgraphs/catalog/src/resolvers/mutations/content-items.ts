import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const contentItemMutations = {
  contentItemCreate: (_parent, { input }, context) =>
    payload(async () => ({ contentItem: await context.contentItems.create(requireViewer(context), input) })),

  contentItemUpdate: (_parent, { input }, context) =>
    payload(async () => ({ contentItem: await context.contentItems.update(requireViewer(context), input) })),

  contentItemDelete: (_parent, { input }, context) =>
    payload(async () => ({ module: await context.contentItems.delete(requireViewer(context), input.id) })),

  contentItemsReorder: (_parent, { input }, context) =>
    payload(async () => ({ module: await context.contentItems.reorder(requireViewer(context), input) })),
} satisfies MutationResolvers;
