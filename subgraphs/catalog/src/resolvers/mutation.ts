import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../generated/resolver-types.ts';

export const Mutation: Required<MutationResolvers> = {
  courseCreate: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.courses.create(requireViewer(context), input) })),

  courseUpdate: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.courses.update(requireViewer(context), input) })),

  coursePublish: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.publication.publish(requireViewer(context), input) })),

  courseArchive: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.publication.archive(requireViewer(context), input) })),

  moduleCreate: (_parent, { input }, context) =>
    payload(async () => ({ module: await context.modules.create(requireViewer(context), input) })),

  moduleUpdate: (_parent, { input }, context) =>
    payload(async () => ({ module: await context.modules.update(requireViewer(context), input) })),

  moduleDelete: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.modules.delete(requireViewer(context), input.id) })),

  modulesReorder: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.modules.reorder(requireViewer(context), input) })),

  contentItemCreate: (_parent, { input }, context) =>
    payload(async () => ({ contentItem: await context.contentItems.create(requireViewer(context), input) })),

  contentItemUpdate: (_parent, { input }, context) =>
    payload(async () => ({ contentItem: await context.contentItems.update(requireViewer(context), input) })),

  contentItemDelete: (_parent, { input }, context) =>
    payload(async () => ({ module: await context.contentItems.delete(requireViewer(context), input.id) })),

  contentItemsReorder: (_parent, { input }, context) =>
    payload(async () => ({ module: await context.contentItems.reorder(requireViewer(context), input) })),
};
