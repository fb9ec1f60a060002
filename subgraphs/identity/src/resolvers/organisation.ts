import type { OrganisationResolvers, RegistrationMode } from '../generated/resolver-types.ts';

export const Organisation: OrganisationResolvers = {
  __resolveReference: ({ id }, { load }) => load.organisation.load(id),

  settings: ({ id }, _args, { load }) => load.settings.load(id),

  preferenceDefaults: ({ id }, _args, { preferences }) => preferences.defaultsOf(id),

  registration: ({ registration }) => registration as RegistrationMode,
};
