import type { Agent } from '@lyceum/xapi';
import type { Credential } from './credentials.ts';

/** The Agent that answers for what a key brings (Data 2.4.9): the key itself, as an account of this store. */
export function authorityOf(publicUrl: string, { keyId, name }: Pick<Credential, 'keyId' | 'name'>): Agent {
  return { objectType: 'Agent', name, account: { homePage: `${publicUrl}/xapi`, name: keyId } };
}
