import { expanded, type Role } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Member, MembershipKey } from '../store/memberships.ts';
import type { Store } from '../store/store.ts';
import { revokeGrants } from './grants.ts';
import { namesOf } from './held-names.ts';
import { requireAdministrators } from './last-admin.ts';
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
      const [before] = await tx.memberships.selectMany(organisationId, [userId]);
      const grants = await tx.grants.selectManyOf(organisationId, [userId]);
      const roles = before?.roles ?? [];
      if (held) requireAll(held, expanded([...roles, ...grants.flatMap(namesOf)]));
      // With what others were granted upon them: who observes them does no more.
      const upon = await tx.grants.selectManyOn(organisationId, [userId]);
      await revokeGrants(tx, events, [...grants, ...upon]);
      if (before && roles.length > 0) await changeRoles(tx, events, before, []);
      await sessions.endAll(tx, { organisationId, userId });
      await tx.membershipTrusts.deleteAll({ organisationId, userId });
      await personalAccessTokens.revokeAll(tx, { organisationId, userId });
    },
  };
}

/** The organisation must be locked. @throws LAST_ADMIN */
export async function changeRoles(
  tx: Store,
  events: IdentityEvents,
  before: Member,
  roles: readonly Role[],
): Promise<Member> {
  const member = await tx.memberships.updateRoles(before.organisationId, before.id, roles);
  await requireAdministrators(tx, before, roles.length === 0 ? 'userId' : 'roles');
  await events.membershipChanged(tx, member);
  return member;
}
