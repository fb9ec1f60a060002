import { payload, requireLogin, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const secondFactorMutations = {
  totpEnrolBegin: (_parent, { input }, context) =>
    payload(async () => ({
      enrolment: await context.secondFactors.enrolTotp(requireLogin(context), input),
    })),

  totpEnrolConfirm: (_parent, { input }, context) =>
    payload(async () => ({
      recoveryCodes: await context.secondFactors.confirm(requireLogin(context), input.code),
    })),

  totpRemove: (_parent, { input }, context) =>
    payload(async () => ({
      secondFactors: await context.secondFactors.removeTotp(requireLogin(context), input),
    })),

  recoveryCodesRenew: (_parent, { input }, context) =>
    payload(async () => ({
      recoveryCodes: await context.secondFactors.newRecoveryCodes(requireLogin(context), input),
    })),

  secondFactorPolicyUpdate: (_parent, { input }, context) =>
    payload(async () => ({
      organisation: await context.secondFactorPolicy.require(requireViewer(context), input.required),
    })),

  secondFactorsReset: (_parent, { input }, context) =>
    payload(async () => ({
      user: await context.secondFactorPolicy.reset(requireViewer(context), input.userId),
    })),
} satisfies MutationResolvers;
