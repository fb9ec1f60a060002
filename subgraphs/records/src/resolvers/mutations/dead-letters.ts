import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const deadLetterMutations = {
  deadLetterResend: (_parent, { input: { id, again } }, context) =>
    payload(async () => ({
      deadLetter: await context.deadLetters.resend(requireViewer(context), id, again ?? false),
    })),

  deadLetterDiscard: (_parent, { input: { id } }, context) =>
    payload(async () => ({ deadLetter: await context.deadLetters.discard(requireViewer(context), id) })),
} satisfies MutationResolvers;
