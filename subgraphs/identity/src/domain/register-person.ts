import { newId, type Role } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Member } from '../store/memberships.ts';
import type { Store } from '../store/store.ts';
import { requireRoom } from './plan.ts';

/** Somebody whom an organisation takes in, checked. */
export interface Person {
  readonly name: string;
  readonly email: string;
  /** Null: they can't log in with a password yet. */
  readonly passwordHash: string | null;
  /** Whether somebody else chose it, and so may know it. Absent: they did themselves. */
  readonly passwordGiven?: boolean;
  readonly roles: readonly Role[];
}

/**
 * Takes a person into an organisation, within the transaction of `tx`, and tells of it: with a new account, or with
 * the one that their address has in another organisation. Undefined where they belong to this one already. It holds the
 * organisation from the start, which is counted in the end: in the other order two who come in would wait for each other.
 *
 * The name and the password are the membership's and open nothing else. Were they the account's, whoever entered an
 * address first would hold the key to every organisation that takes its owner in later, and would be told of it by
 * the name.
 *
 * @throws PLAN_LIMIT
 */
export async function registerPerson(
  tx: Store,
  events: IdentityEvents,
  organisationId: string,
  { name, email, passwordHash, passwordGiven = false, roles }: Person,
): Promise<Member | undefined> {
  await tx.memberships.lockOrganisation(organisationId);
  // An administrator vouches for the addresses that they enter; self-registration will verify its own.
  const created = await tx.users.insertOptional({ id: newId('user'), email, emailVerified: true });
  const account = created ?? (await tx.users.selectByEmail(email));
  const password = { passwordHash, passwordGiven };
  const membership = { organisationId, userId: account.id, name, email, ...password, roles };
  const member = await tx.memberships.insertOptional(membership);
  if (!member) return undefined;
  await requireRoom(tx, organisationId);
  if (created) await events.userRegistered(tx, account, member);
  else await events.membershipChanged(tx, member);
  return member;
}
