import { mappingOf } from '../domain/sign-on/provider-roles.ts';
import type {
  IdentityProviderResolvers,
  RoleMapping,
  SignOnProviderResolvers,
} from '../generated/resolver-types.ts';

export const IdentityProvider: IdentityProviderResolvers = {
  roleMapping: (provider) => mappingOf(provider) as RoleMapping[],

  redirectUri: (_provider, _args, { signOnAddresses }) => signOnAddresses.redirectUri,

  backchannelLogoutUri: (provider, _args, { signOnAddresses }) => signOnAddresses.logoutUri(provider),
};

export const SignOnProvider: SignOnProviderResolvers = {
  startUrl: (provider, _args, { signOnAddresses }) => signOnAddresses.startUrl(provider),
};
