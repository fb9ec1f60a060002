import type { IdentityProvider } from '../../store/identity-providers.ts';
import type { Encryption } from '../encryption.ts';
import { secretContext } from './identity-providers.ts';
import type { Registration } from './relying-party.ts';

/** How a provider is reached, with the secret that Lyceum shows to it. */
export async function registrationOf(
  encryption: Encryption,
  { id, issuer, clientId, sealedClientSecret }: IdentityProvider,
): Promise<Registration> {
  return { issuer, clientId, clientSecret: await encryption.open(sealedClientSecret, secretContext(id)) };
}
