import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

const versions = { V1_0_3: '1.0.3', V2_0_0: '2.0.0' } as const;

export const statementForwardingMutations = {
  statementForwardingCreate: (_parent, { input }, context) =>
    payload(async () => {
      const wanted = { ...input, version: versions[input.version] };
      return { forwarding: await context.statementForwardings.create(requireViewer(context), wanted) };
    }),

  statementForwardingUpdate: (_parent, { input: { id, ...input } }, context) =>
    payload(async () => {
      const wanted = { ...input, version: input.version == null ? undefined : versions[input.version] };
      return { forwarding: await context.statementForwardings.update(requireViewer(context), id, wanted) };
    }),

  statementForwardingPause: (_parent, { input }, context) =>
    payload(async () => ({
      forwarding: await context.statementForwardings.pause(requireViewer(context), input.id),
    })),

  statementForwardingResume: (_parent, { input }, context) =>
    payload(async () => ({
      forwarding: await context.statementForwardings.resume(requireViewer(context), input.id),
    })),

  statementForwardingDelete: (_parent, { input }, context) =>
    payload(async () => ({
      forwardingId: await context.statementForwardings.delete(requireViewer(context), input.id),
    })),

  statementForwardingTest: (_parent, { input }, context) =>
    payload(async () => ({ test: await context.forwardingTests.run(requireViewer(context), input.id) })),
} satisfies MutationResolvers;
