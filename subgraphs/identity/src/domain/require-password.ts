import type { Viewer } from '@lyceum/service';
import type { Database } from '../store/store.ts';
import { actorOf, recordAct, type AuditEntry } from './audit.ts';
import { notThePassword } from './errors.ts';
import type { Guesses } from './guesses.ts';
import { passwordMatches } from './passwords.ts';

export interface PasswordCheck {
  readonly store: Database;
  readonly guesses: Guesses;
}

/**
 * Whoever holds an access token must know the password all the same, before they change how one logs in (OWASP ASVS
 * 4.0.3, 2.1.6 and 4.3.3). A refusal is recorded as one of `act`.
 *
 * @returns the hash that it belongs to
 * @throws TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED
 */
export async function requirePassword(
  { store, guesses }: PasswordCheck,
  viewer: Viewer,
  currentPassword: string,
  act: AuditEntry['act'],
): Promise<string> {
  const { organisationId, userId } = viewer;
  const guess = await guesses.begin(`${organisationId} ${userId}`);
  const membership = await store.memberships.selectOptional(organisationId, userId);
  const known = membership?.passwordHash ?? null;
  if (!(await passwordMatches(known, currentPassword)) || known === null) {
    const refused = 'CREDENTIALS_REFUSED';
    await recordAct(store, { act, by: actorOf(viewer), organisationId, subjectId: userId, refused });
    throw notThePassword();
  }
  await guess.wasRight();
  return known;
}
