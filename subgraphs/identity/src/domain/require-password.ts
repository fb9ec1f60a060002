import type { Viewer } from '@lyceum/service';
import type { Database } from '../store/store.ts';
import { notThePassword } from './errors.ts';
import { passwordMatches } from './passwords.ts';

/**
 * Whoever holds an access token must know the password all the same, before they change how one logs in (OWASP ASVS
 * 4.0.3, 2.2.3 and 4.3.3).
 *
 * @throws CREDENTIALS_REFUSED
 */
export async function requirePassword(
  store: Database,
  { organisationId, userId }: Viewer,
  currentPassword: string,
): Promise<void> {
  const membership = await store.memberships.selectOptional(organisationId, userId);
  if (!(await passwordMatches(membership?.passwordHash, currentPassword))) throw notThePassword();
}
