import type { OrganisationResolvers, RegistrationMode } from '../generated/resolver-types.ts';

export const Organisation: OrganisationResolvers = {
  __resolveReference: ({ id }, { load }) => load.organisation.load(id),

  registration: ({ registration }) => registration as RegistrationMode,
};
