import type { Membership, MembershipKey } from '../store/memberships.ts';
import type { Session } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';
import { dayMs } from './durations.ts';
import { hashSecret } from './secrets.ts';

const DAYS = 30;

/**
 * How one logs in to a membership now: the password and what is set up beside it. Another password, an app or a passkey
 * that came or went, whoever did it, make it another state.
 */
async function stateOf(tx: Store, key: MembershipKey, passwordHash: string | null): Promise<string> {
  const totp = await tx.totps.selectOptional(key);
  const passkeys = await tx.passkeys.selectMany(key);
  const app = totp?.confirmedAt ? totp.sealedSecret : '';
  return hashSecret(JSON.stringify([passwordHash, app, passkeys.map(({ id }) => id)]));
}

const keyOf = ({ organisationId, userId }: MembershipKey): MembershipKey => ({ organisationId, userId });

/**
 * May a login to a membership lead on to others without their password? Not one that somebody else can make: whose
 * password was chosen by an administrator, who may know it, or which a provider of single sign-on vouched for, whom an
 * administrator chose. An organisation's administrators would come by it into another one.
 */
function leadsOn(membership: Membership, { methods }: Pick<Session, 'methods'>): boolean {
  return !membership.passwordGiven && !methods.includes('fed');
}

/**
 * Notes that who is logged in with `session` has shown all that the membership `to` asks for. Nothing, where that login
 * does not lead on, or has ended meanwhile.
 */
export async function trust(tx: Store, session: Session, to: MembershipKey): Promise<void> {
  const from = keyOf(session);
  const here = await tx.memberships.selectOptionalOpen(from.organisationId, from.userId);
  const there = await tx.memberships.selectOptionalOpen(to.organisationId, to.userId);
  if (session.endedAt || !here || !there || !leadsOn(here, session)) return;
  await tx.membershipTrusts.upsert({
    ...from,
    toOrganisationId: to.organisationId,
    fromState: await stateOf(tx, from, here.passwordHash),
    toState: await stateOf(tx, to, there.passwordHash),
    expiresAt: new Date(Date.now() + DAYS * dayMs),
  });
}

/** Is what was shown once still how one logs in to both? */
export async function isTrusted(tx: Store, session: Session, to: MembershipKey): Promise<boolean> {
  const from = keyOf(session);
  const known = await tx.membershipTrusts.selectOptional(from, to.organisationId, new Date());
  const here = known && (await tx.memberships.selectOptionalOpen(from.organisationId, from.userId));
  const there = here && (await tx.memberships.selectOptionalOpen(to.organisationId, to.userId));
  if (!there || !leadsOn(here, session)) return false;
  const [fromState, toState] = [
    await stateOf(tx, from, here.passwordHash),
    await stateOf(tx, to, there.passwordHash),
  ];
  return known.fromState === fromState && known.toState === toState;
}

/** The organisations to which a login leads without their password. */
export async function trustedFrom(tx: Store, session: Session): Promise<string[]> {
  const trusts = await tx.membershipTrusts.selectMany(keyOf(session), new Date());
  const trusted: string[] = [];
  for (const { toOrganisationId, userId } of trusts) {
    const to = { organisationId: toOrganisationId, userId };
    if (await isTrusted(tx, session, to)) trusted.push(toOrganisationId);
  }
  return trusted;
}
