import { expanded, notFound, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Member } from '../store/memberships.ts';
import type { Database, Store } from '../store/store.ts';
import { actOn, recordAct } from './audit.ts';
import { namesOf } from './held-names.ts';
import { requireAdministrators } from './last-admin.ts';
import type { PersonalAccessTokens } from './personal-access-tokens.ts';
import { requireRoom } from './plan.ts';
import { requireAll, requireNow } from './require-now.ts';
import type { Sessions } from './sessions.ts';

export type Deactivation = ReturnType<typeof createDeactivation>;

/**
 * Keeping a person out while they keep what they have: roles, groups, grants. Their sessions end, and so do their
 * personal access tokens, for good: what somebody made and forgot must not come back to life with them.
 */
export function createDeactivation(options: {
  store: Database;
  events: IdentityEvents;
  sessions: Sessions;
  personalAccessTokens: PersonalAccessTokens;
}) {
  const { store, events, sessions, personalAccessTokens } = options;

  /** Nobody keeps out, or lets in, who may do what they may not. @throws NOT_FOUND, FORBIDDEN */
  async function lockedPerson(
    tx: Store,
    viewer: Viewer,
    userId: string,
    permission: 'user.deactivate' | 'user.reactivate',
  ): Promise<Member> {
    const { organisationId } = viewer;
    await tx.memberships.lockOrganisation(organisationId);
    const held = await requireNow(tx, viewer, permission);
    const [member] = await tx.memberships.selectMany(organisationId, [userId]);
    if (!member || member.roles.length === 0) throw notFound('user', userId, ['input', 'userId']);
    const grants = await tx.grants.selectManyOf(organisationId, [userId]);
    requireAll(held, expanded([...member.roles, ...grants.flatMap(namesOf)]));
    return member;
  }

  return {
    /** Once more changes nothing. @throws NOT_FOUND, FORBIDDEN, LAST_ADMIN */
    async deactivate(viewer: Viewer, userId: string): Promise<Member> {
      const { organisationId } = viewer;
      const entry = actOn(viewer, 'user.deactivate', userId);
      return store.transaction(async (tx) => {
        const before = await lockedPerson(tx, viewer, userId, 'user.deactivate');
        if (before.deactivatedAt) return before;
        const member = await tx.memberships.updateDeactivated(organisationId, userId, new Date());
        await requireAdministrators(tx, before, 'userId');
        await sessions.endAll(tx, { organisationId, userId });
        await tx.membershipTrusts.deleteAll({ organisationId, userId });
        await personalAccessTokens.revokeAll(tx, { organisationId, userId });
        await events.membershipChanged(tx, member);
        await recordAct(tx, { ...entry, changes: { deactivatedAt: [null, member.deactivatedAt] } });
        return member;
      });
    },

    /** Once more changes nothing. @throws NOT_FOUND, FORBIDDEN, PLAN_LIMIT */
    async reactivate(viewer: Viewer, userId: string): Promise<Member> {
      const { organisationId } = viewer;
      const entry = actOn(viewer, 'user.reactivate', userId);
      return store.transaction(async (tx) => {
        const before = await lockedPerson(tx, viewer, userId, 'user.reactivate');
        if (!before.deactivatedAt) return before;
        const member = await tx.memberships.updateDeactivated(organisationId, userId, null);
        await requireRoom(tx, organisationId);
        await events.membershipChanged(tx, member);
        await recordAct(tx, { ...entry, changes: { deactivatedAt: [before.deactivatedAt, null] } });
        return member;
      });
    },
  };
}
