import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const organisationMutations = {
  organisationCreate: (_parent, { input }, context) =>
    payload(async () => ({
      organisation: await context.organisations.create(requireViewer(context), input),
    })),

  organisationAdministratorInvite: (_parent, { input }, context) =>
    payload(async () => ({
      organisation: await context.organisations.inviteAdministrator(requireViewer(context), input),
    })),

  organisationUpdate: (_parent, { input }, context) =>
    payload(async () => ({
      organisation: await context.organisationBranding.update(requireViewer(context), input),
    })),

  organisationSuspend: (_parent, { input }, context) =>
    payload(async () => ({
      organisation: await context.organisationSuspension.suspend(requireViewer(context), input.id),
    })),

  organisationReinstate: (_parent, { input }, context) =>
    payload(async () => ({
      organisation: await context.organisationSuspension.reinstate(requireViewer(context), input.id),
    })),

  organisationPlanUpdate: (_parent, { input }, context) =>
    payload(async () => ({ organisation: await context.plans.update(requireViewer(context), input) })),

  organisationDomainClaim: (_parent, { input }, context) =>
    payload(async () => ({
      domain: await context.organisationDomains.claim(requireViewer(context), input.domain),
    })),

  organisationDomainVerify: (_parent, { input }, context) =>
    payload(async () => ({
      domain: await context.organisationDomains.verify(requireViewer(context), input.domainId),
    })),

  organisationDomainRemove: (_parent, { input }, context) =>
    payload(async () => ({
      domainId: await context.organisationDomains.remove(requireViewer(context), input.domainId),
    })),
} satisfies MutationResolvers;
