import type { Page } from '@lyceum/graphql';
import { invalid, newId, notFound, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { LrsKey } from '../store/lrs-keys.ts';
import type { Database } from '../store/store.ts';
import { actorOf, recordAct } from './audit.ts';
import { checkedName } from './checked-text.ts';
import { requireNow } from './require-now.ts';
import { hashSecret, newSecret } from './secrets.ts';

export type LrsKeys = ReturnType<typeof createLrsKeys>;

/** The keys of xAPI tools. The Learning Record Store hears of each through the event log. */
export function createLrsKeys({ store, events }: { store: Database; events: IdentityEvents }) {
  return {
    page: (viewer: Viewer, page: Page) => store.lrsKeys.selectPage(viewer.organisationId, page),

    count: (viewer: Viewer) => store.lrsKeys.count(viewer.organisationId),

    /** @throws INVALID */
    async create(
      viewer: Viewer,
      input: { name: string; scopes: readonly string[] },
    ): Promise<{ lrsKey: LrsKey; secret: string }> {
      const name = checkedName(['input', 'name'], input.name);
      if (input.scopes.length === 0) throw invalid(['input', 'scopes'], 'Give at least one scope.');
      const id = newId('lrskey');
      const secret = newSecret('lys');
      const row = {
        id,
        organisationId: viewer.organisationId,
        name,
        key: id,
        secretHash: hashSecret(secret),
      };
      const lrsKey = await store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'lrs-key.create');
        const inserted = await tx.lrsKeys.insert({ ...row, scopes: [...new Set(input.scopes)] });
        await events.lrsKeyCreated(tx, inserted);
        const changes = { name: [null, name], scopes: [[], inserted.scopes] } as const;
        await recordAct(tx, { act: 'lrs-key.create', ...byOn(viewer, id), changes });
        return inserted;
      });
      return { lrsKey, secret };
    },

    /** Ends a key; ending it again changes nothing. @throws NOT_FOUND */
    async revoke(viewer: Viewer, id: string): Promise<LrsKey> {
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'lrs-key.revoke');
        const revokedAt = new Date();
        const ended = await tx.lrsKeys.updateRevoked(viewer.organisationId, id, revokedAt);
        const [lrsKey] = await tx.lrsKeys.selectMany(viewer.organisationId, [id]);
        if (!lrsKey) throw notFound('key', id, ['input', 'id']);
        if (ended > 0) {
          await events.lrsKeyRevoked(tx, lrsKey, revokedAt);
          await recordAct(tx, { act: 'lrs-key.revoke', ...byOn(viewer, id) });
        }
        return lrsKey;
      });
    },
  };
}

const byOn = (viewer: Viewer, subjectId: string) => ({
  by: actorOf(viewer),
  organisationId: viewer.organisationId,
  subjectId,
});
