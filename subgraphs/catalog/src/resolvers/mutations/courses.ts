import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const courseMutations = {
  courseCreate: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.courses.create(requireViewer(context), input) })),

  courseUpdate: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.courses.update(requireViewer(context), input) })),

  coursePublish: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.publication.publish(requireViewer(context), input) })),

  courseArchive: (_parent, { input }, context) =>
    payload(async () => ({ course: await context.publication.archive(requireViewer(context), input) })),
} satisfies MutationResolvers;
