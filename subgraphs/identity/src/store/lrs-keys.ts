import type { Page } from '@lyceum/graphql';
import type { LrsKey } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { LrsKey };

const working = (now: Date) => ({
  revokedAt: null,
  OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
});

export function lrsKeyStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.lrsKey.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    /** One page of an organisation's keys, in the order in which they were made. */
    selectPage: (organisationId: string, page: Page) =>
      db.lrsKey.findMany({
        where: { organisationId, id: placeOf(page) },
        orderBy: { id: page.backward ? 'desc' : 'asc' },
        take: page.limit,
      }),

    count: (organisationId: string) => db.lrsKey.count({ where: { organisationId } }),

    /** How many of them work, which a plan limits. */
    countWorking: (organisationId: string, now: Date) =>
      db.lrsKey.count({
        where: { organisationId, ...working(now) },
      }),

    countManyWorking: (organisationIds: readonly string[], now: Date) =>
      db.lrsKey.groupBy({
        by: ['organisationId'],
        where: { organisationId: { in: [...organisationIds] }, ...working(now) },
        _count: true,
      }),

    insert: (key: {
      id: string;
      organisationId: string;
      name: string;
      key: string;
      secretHash: string;
      scopes: readonly string[];
      expiresAt?: Date | null;
    }) => db.lrsKey.create({ data: { ...key, scopes: [...key.scopes] } }),

    /** Gives the key another secret, where it still has that one: 1 where this call did it. */
    updateSecret: async (
      { organisationId, id, secretHash }: LrsKey,
      { to, previousUntil }: { to: string; previousUntil: Date },
    ) => {
      const { count } = await db.lrsKey.updateMany({
        where: { organisationId, id, secretHash, revokedAt: null },
        data: { secretHash: to, previousUntil },
      });
      return count;
    },

    /** Unless a later use is known. */
    updateLastUsed: (organisationId: string, id: string, at: Date) => db.$executeRaw`
      UPDATE lrs_key SET last_used_at = GREATEST(last_used_at, ${at}::timestamptz)
      WHERE organisation_id = ${organisationId} AND id = ${id}`,

    /** Ends the key where it works: 1 where this call did it. */
    updateRevoked: async (organisationId: string, id: string, revokedAt: Date) => {
      const { count } = await db.lrsKey.updateMany({
        where: { organisationId, id, revokedAt: null },
        data: { revokedAt },
      });
      return count;
    },
  };
}
