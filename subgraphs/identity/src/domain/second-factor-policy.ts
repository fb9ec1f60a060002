import { conflict, heldPermissions, notFound, type Viewer } from '@lyceum/service';
import type { Member } from '../store/memberships.ts';
import type { Organisation } from '../store/organisations.ts';
import type { Database } from '../store/store.ts';
import { actorOf, recordAct } from './audit.ts';
import { recordFactorAct } from './factor-acts.ts';
import { heldNames } from './held-names.ts';
import { requireAll, requireNow } from './require-now.ts';
import type { Sessions } from './sessions.ts';

export type SecondFactorPolicy = ReturnType<typeof createSecondFactorPolicy>;

/** What administrators decide of second factors. */
export function createSecondFactorPolicy({ store, sessions }: { store: Database; sessions: Sessions }) {
  return {
    /**
     * Whether the organisation requires a second factor. Who has none sets one up as they log in next; a session that
     * began without one ends as it is refreshed.
     */
    require: (viewer: Viewer, required: boolean): Promise<Organisation> =>
      store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'second-factor.policy.update');
        const { organisationId } = viewer;
        const [before] = await tx.organisations.selectMany([organisationId]);
        const organisation = await tx.organisations.updateSecondFactorRequired(organisationId, required);
        await recordAct(tx, {
          act: 'second-factor-policy.update',
          by: actorOf(viewer),
          organisationId,
          subjectId: organisationId,
          changes: { secondFactorRequired: [before?.secondFactorRequired, required] },
        });
        return organisation;
      }),

    /**
     * Takes all second factors from who lost theirs: their sessions end, and the password opens again. Nobody takes their
     * own so, for which they would have to show them.
     *
     * @throws NOT_FOUND, FORBIDDEN; CONFLICT of oneself
     */
    async reset(viewer: Viewer, userId: string): Promise<Member> {
      const { organisationId } = viewer;
      if (userId === viewer.userId)
        throw conflict('Remove your own second factors one by one, or ask another.');
      return store.transaction(async (tx) => {
        const held = await requireNow(tx, viewer, 'second-factor.reset');
        const [member] = await tx.memberships.selectMany(organisationId, [userId]);
        if (!member) throw notFound('user', userId, ['input', 'userId']);
        const names = await heldNames(tx, { organisationId, userId }, member.roles);
        requireAll(held, heldPermissions(names).permissions);
        await tx.memberships.lock(organisationId, userId);
        const key = { organisationId, userId };
        await tx.totps.delete(key);
        await tx.passkeys.deleteAll(key);
        await tx.recoveryCodes.deleteAll(key);
        await sessions.endAll(tx, key);
        await recordFactorAct(tx, 'second-factors.reset', key, actorOf(viewer));
        return member;
      });
    },
  };
}
