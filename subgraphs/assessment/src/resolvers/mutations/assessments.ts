import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const assessmentMutations = {
  assessmentCreate: (_parent, { input }, context) =>
    payload(async () => ({ assessment: await context.assessments.create(requireViewer(context), input) })),

  assessmentUpdate: (_parent, { input }, context) =>
    payload(async () => ({ assessment: await context.assessments.update(requireViewer(context), input) })),
} satisfies MutationResolvers;
