import type { MembershipKey } from '../../store/memberships.ts';
import type { Store } from '../../store/store.ts';
import { auditedAct } from '../audit-log.ts';

/** Changes of an address that are looked at. */
const mostChanges = 100;

/**
 * The addresses that a person has, or had before by what the organisation's audit log says, and that nobody else has
 * now: statements may name the person by them.
 */
export async function provedAddresses(
  tx: Store,
  { organisationId, userId }: MembershipKey,
): Promise<string[]> {
  const account = await tx.users.select(userId);
  const current = account.emailVerified ? [account.email] : [];
  const changes = await tx.auditEvents.selectPage(
    { ...unfiltered, organisationId, subjectId: userId, act: 'email.change', outcome: 'DONE' },
    { limit: mostChanges, backward: false, after: undefined, before: undefined },
  );
  const before = changes.map((event) => auditedAct(event).changes['email']?.[0]).filter(isText);
  const others = await tx.users.selectManyByEmail(before);
  const taken = new Set(others.filter(({ id }) => id !== userId).map(({ email }) => email));
  return [...new Set([...current, ...before.filter((address) => !taken.has(address))])];
}

const unfiltered = { actorId: undefined, since: undefined, until: undefined };

const isText = (value: unknown): value is string => typeof value === 'string';
