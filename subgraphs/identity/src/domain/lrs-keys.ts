import type { ConnectionSource } from '@lyceum/graphql';
import { conflict, invalid, newId, newSecret, notFound, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { LrsKey } from '../store/lrs-keys.ts';
import type { Database } from '../store/store.ts';
import { actOn, recordAct } from './audit.ts';
import { checkedName } from './checked-text.ts';
import { checkedExpiry, checkedOverlap } from './expiry.ts';
import { requireRoomFor } from './plan.ts';
import { requireAll, requireNow } from './require-now.ts';
import { hashSecret } from './secrets.ts';

export type LrsKeys = ReturnType<typeof createLrsKeys>;

/** The keys of xAPI tools. The Learning Record Store hears of each through the event log. */
export function createLrsKeys({ store, events }: { store: Database; events: IdentityEvents }) {
  return {
    listed: ({ organisationId }: Viewer): ConnectionSource<LrsKey> => ({
      rows: (page) => store.lrsKeys.selectPage(organisationId, page),
      key: ({ id }) => [id],
      count: () => store.lrsKeys.count(organisationId),
    }),

    /** @throws INVALID, PLAN_LIMIT */
    async create(
      viewer: Viewer,
      input: { name: string; scopes: readonly string[]; expiresAt?: Date | null | undefined },
    ): Promise<{ lrsKey: LrsKey; secret: string }> {
      const name = checkedName(['input', 'name'], input.name);
      if (input.scopes.length === 0) throw invalid(['input', 'scopes'], 'Give at least one scope.');
      const expiresAt = checkedExpiry(['input', 'expiresAt'], input.expiresAt);
      const id = newId('lrskey');
      const secret = newSecret('lys');
      const row = {
        id,
        organisationId: viewer.organisationId,
        name,
        key: id,
        secretHash: hashSecret(secret),
        expiresAt,
      };
      const lrsKey = await store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'lrs-key.create');
        await requireRoomFor(tx, viewer.organisationId, 'lrsKeys');
        const inserted = await tx.lrsKeys.insert({ ...row, scopes: [...new Set(input.scopes)] });
        await events.lrsKeyCreated(tx, inserted);
        const changes = {
          name: [null, name],
          scopes: [[], inserted.scopes],
          expiresAt: [null, expiresAt],
        } as const;
        await recordAct(tx, actOn(viewer, 'lrs-key.create', id, changes));
        return inserted;
      });
      return { lrsKey, secret };
    },

    /**
     * Gives a key another secret; the one before works until the overlap ends, those before that end now.
     *
     * @throws INVALID, NOT_FOUND; FORBIDDEN where the viewer may not make keys; CONFLICT where the key has ended
     */
    async rotate(
      viewer: Viewer,
      input: { id: string; overlapHours: number },
    ): Promise<{ lrsKey: LrsKey; secret: string }> {
      const previousUntil = checkedOverlap(['input', 'overlapHours'], input.overlapHours);
      const { organisationId } = viewer;
      const secret = newSecret('lys');
      const lrsKey = await store.transaction(async (tx) => {
        // Whoever has the new secret has a key.
        requireAll(await requireNow(tx, viewer, 'lrs-key.rotate'), ['lrs-key.create']);
        const [before] = await tx.lrsKeys.selectMany(organisationId, [input.id]);
        if (!before) throw notFound('key', input.id, ['input', 'id']);
        if (before.expiresAt && before.expiresAt <= new Date()) throw conflict('The key has expired.');
        const changed = await tx.lrsKeys.updateSecret(before, { to: hashSecret(secret), previousUntil });
        if (changed === 0) throw conflict('The key has been ended, or somebody else was quicker.');
        const after = { ...before, secretHash: hashSecret(secret), previousUntil };
        await events.lrsKeyRotated(tx, after, before.secretHash);
        const changes = { previousSecretUntil: [before.previousUntil, previousUntil] } as const;
        await recordAct(tx, actOn(viewer, 'lrs-key.rotate', input.id, changes));
        return after;
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
          await recordAct(tx, actOn(viewer, 'lrs-key.revoke', id));
        }
        return lrsKey;
      });
    },
  };
}
