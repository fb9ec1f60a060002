import { idPrefix } from '@lyceum/service';
import { agentOf, type Agent } from '@lyceum/xapi';
import type { Credential } from './credentials.ts';

/**
 * The Agent that answers for what a credential brings (Data 2.4.9): the user whose token it is, or the key itself, or the
 * API client, as an account of this store.
 */
export function authorityOf(
  publicUrl: string,
  { keyId, name, bearer }: Pick<Credential, 'keyId' | 'name' | 'bearer'>,
): Agent {
  if (bearer !== undefined && idPrefix(bearer) === 'user') return agentOf(publicUrl, bearer);
  return { objectType: 'Agent', name, account: { homePage: `${publicUrl}/xapi`, name: keyId } };
}
