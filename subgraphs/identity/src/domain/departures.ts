import { expanded, type Role } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Member, MembershipKey } from '../store/memberships.ts';
import type { Store } from '../store/store.ts';
import { lastAdmin } from './errors.ts';
import { revokeGrants } from './grants.ts';
import { namesOf } from './held-names.ts';
import type { PersonalAccessTokens } from './personal-access-tokens.ts';
import { requireAll, type HeldNow } from './require-now.ts';
import type { Sessions } from './sessions.ts';

export type Departures = ReturnType<typeof createDepartures>;

/** Taking somebody out of an organisation, as part of what a transaction does. */
export function createDepartures({
  events,
  sessions,
  personalAccessTokens,
}: {
  events: IdentityEvents;
  sessions: Sessions;
  personalAccessTokens: PersonalAccessTokens;
}) {
  return {
    /**
     * Takes roles, grants, sessions and tokens from a member. The organisation must be locked.
     *
     * @param held what is held by who does it: nobody takes away what they lack
     * @throws FORBIDDEN, LAST_ADMIN
     */
    async takeOut(tx: Store, { organisationId, userId }: MembershipKey, held?: HeldNow): Promise<void> {
      const membership = await tx.memberships.selectOptional(organisationId, userId);
      const grants = await tx.grants.selectManyOf(organisationId, [userId]);
      const roles = membership?.roles ?? [];
      if (held) requireAll(held, expanded([...roles, ...grants.flatMap(namesOf)]));
      await revokeGrants(tx, events, grants);
      if (roles.length > 0) await changeRoles(tx, events, { organisationId, userId }, []);
      await sessions.endAll(tx, { organisationId, userId });
      await personalAccessTokens.revokeAll(tx, { organisationId, userId });
    },
  };
}

/** The organisation must be locked. @throws LAST_ADMIN */
export async function changeRoles(
  tx: Store,
  events: IdentityEvents,
  { organisationId, userId }: MembershipKey,
  roles: readonly Role[],
): Promise<Member> {
  const member = await tx.memberships.updateRoles(organisationId, userId, roles);
  if ((await tx.memberships.countWithRole(organisationId, 'ADMIN')) === 0)
    throw lastAdmin(roles.length === 0 ? 'userId' : 'roles');
  await events.membershipChanged(tx, member);
  return member;
}
