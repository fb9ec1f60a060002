import type { SessionsOfProvider } from '../../store/sessions.ts';
import type { Store } from '../../store/store.ts';
import type { Sessions } from '../sessions.ts';

/**
 * Ends what a provider began: sessions, logins that await a second factor, and codes on their way. Who completes one at
 * this moment holds the provider, or the membership: the caller has locked it.
 *
 * @returns how many sessions it ended
 */
export async function endOfProvider(
  tx: Store,
  sessions: Sessions,
  which: SessionsOfProvider,
): Promise<number> {
  await tx.signOns.deleteCodesOfProvider(which);
  await tx.loginChallenges.deleteOfProvider(which);
  return sessions.endOfProvider(tx, which);
}

/** Those of whom a provider began something that has not ended, in one order, so that nobody waits in a ring. */
export async function peopleOfProvider(tx: Store, which: SessionsOfProvider): Promise<string[]> {
  const found = [
    ...(await tx.signOns.selectUserIdsOfCodes(which)),
    ...(await tx.loginChallenges.selectUserIdsOfProvider(which)),
    ...(await tx.sessions.selectUserIdsOfProvider(which)),
  ];
  return [...new Set(found)].sort();
}
