import { payload, requirePerson, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const enrolmentMutations = {
  enrolmentCreate: (_parent, { input }, context) =>
    payload(async () => {
      const viewer = input.learnerId == null ? requirePerson(context) : requireViewer(context);
      return { enrolment: await context.enrolments.create(viewer, input) };
    }),

  enrolmentWithdraw: (_parent, { input: { id } }, context) =>
    payload(async () => ({ enrolment: await context.enrolments.withdraw(requireViewer(context), id) })),
} satisfies MutationResolvers;
