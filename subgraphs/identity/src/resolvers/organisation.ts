import { connection, requireViewer } from '@lyceum/graphql';
import { notFound } from '@lyceum/service';
import { textColourOn } from '../domain/branding.ts';
import { recordValueOf } from '../domain/organisation-domains.ts';
import { stateOfOrganisation } from '../domain/organisation-list.ts';
import { limitsOf } from '../domain/plan.ts';
import type {
  OrganisationBrandingResolvers,
  OrganisationDomainResolvers,
  OrganisationPlanResolvers,
  OrganisationResolvers,
  RegistrationMode,
} from '../generated/resolver-types.ts';

export const Organisation: OrganisationResolvers = {
  __resolveReference: ({ id }, { load }) => load.organisation.load(id),

  settings: ({ id }, _args, { load }) => load.settings.load(id),

  preferenceDefaults: ({ id }, _args, { preferences }) => preferences.defaultsOf(id),

  registration: ({ registration }) => registration as RegistrationMode,

  state: (organisation) => stateOfOrganisation(organisation),

  branding: (organisation) => organisation,

  plan: (organisation, _args, context) => {
    context.plans.requireSeen(requireViewer(context), organisation);
    return organisation;
  },

  domains: ({ id }, args, context) => {
    const viewer = requireViewer(context);
    // Whoever stands above an organisation is not in it.
    if (id !== viewer.organisationId) throw notFound('organisation', id);
    return connection(args, context.organisationDomains.listed(viewer));
  },
};

export const OrganisationBranding: OrganisationBrandingResolvers = {
  onPrimaryColour: ({ primaryColour }) => textColourOn(primaryColour),

  onAccentColour: ({ accentColour }) => textColourOn(accentColour),
};

export const OrganisationPlan: OrganisationPlanResolvers = {
  people: (organisation) => ({ used: organisation.peopleCount, limit: limitsOf(organisation).people }),

  apiClients: async (organisation, _args, { load }) => ({
    used: await load.workingApiClients.load(organisation.id),
    limit: limitsOf(organisation).apiClients,
  }),

  lrsKeys: async (organisation, _args, { load }) => ({
    used: await load.workingLrsKeys.load(organisation.id),
    limit: limitsOf(organisation).lrsKeys,
  }),
};

export const OrganisationDomain: OrganisationDomainResolvers = {
  recordName: ({ domain }) => domain,

  recordValue: (claim) => recordValueOf(claim),
};
