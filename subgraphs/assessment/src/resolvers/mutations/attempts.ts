import { payload, requirePerson } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const attemptMutations = {
  attemptStart: (_parent, { input }, context) =>
    payload(async () => ({ attempt: await context.attempts.start(requirePerson(context), input) })),

  attemptAnswer: (_parent, { input }, context) =>
    payload(async () => ({ attempt: await context.attempts.answer(requirePerson(context), input) })),

  attemptSubmit: (_parent, { input }, context) =>
    payload(async () => ({ attempt: await context.attempts.submit(requirePerson(context), input) })),
} satisfies MutationResolvers;
