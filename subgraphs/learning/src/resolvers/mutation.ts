import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../generated/resolver-types.ts';

export const Mutation: MutationResolvers = {
  enrolmentCreate: (_parent, { input }, context) =>
    payload(async () => ({ enrolment: await context.enrolments.create(requireViewer(context), input) })),

  enrolmentWithdraw: (_parent, { input: { id } }, context) =>
    payload(async () => ({ enrolment: await context.enrolments.withdraw(requireViewer(context), id) })),
};
