import { currentRequest } from '@lyceum/service';
import type { Store } from '../store/store.ts';
import { hourMs } from './durations.ts';
import { tooManyMails } from './errors.ts';
import { networkOf } from './network-of.ts';

/**
 * Mails that may be asked for in an hour. From one network (of IPv6 a /64): a class behind one address registers at once,
 * and somebody who tries addresses gets nowhere. Of one organisation: its domain would be known for sending rubbish. To
 * one address: `mayBeMailed`, which says nothing to who asks.
 */
export const mailLimits = { network: 100, organisation: 2_000 };

/**
 * Counts a mail that is asked for before anything is looked up: who is refused does not learn by it whether an address
 * has an account. Call it outside of the transaction of the change, which would take the count back with it.
 *
 * @param organisation an id or a slug; absent where none was named
 * @throws TOO_MANY_ATTEMPTS
 */
export async function countMailRequest(store: Store, organisation?: string | null): Promise<void> {
  const address = currentRequest()?.client?.address;
  const counted = [
    ...(address === undefined ? [] : ([[`mails from ${networkOf(address)}`, mailLimits.network]] as const)),
    ...(organisation == null ? [] : ([[`mails of ${organisation}`, mailLimits.organisation]] as const)),
  ];
  // One after another: what a network asked for too often does not count against the organisation.
  for (const [subject, most] of counted) {
    const { count } = await store.countedWindows.count(subject.slice(0, longest), hourMs / 1_000);
    if (count > most) throw tooManyMails();
  }
}

/** A slug is whatever a visitor writes. */
const longest = 200;
