import type { Page } from '@lyceum/graphql';
import type { ApiClient } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { ApiClient };

const working = (now: Date) => ({
  revokedAt: null,
  OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
});

export function apiClientStore(db: Connection) {
  return {
    /** The client of whoever shows its id: it names the organisation, which must not be suspended. */
    selectOptional: (id: string) =>
      db.apiClient.findFirst({ where: { id, organisation: { suspendedAt: null } } }),

    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.apiClient.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    /** Unless it has ended. */
    selectOptionalActive: (organisationId: string, id: string, now: Date) =>
      db.apiClient.findFirst({
        where: { organisationId, id, ...working(now), organisation: { suspendedAt: null } },
      }),

    /** How many of them work, which a plan limits. */
    countWorking: (organisationId: string, now: Date) =>
      db.apiClient.count({ where: { organisationId, ...working(now) } }),

    countManyWorking: (organisationIds: readonly string[], now: Date) =>
      db.apiClient.groupBy({
        by: ['organisationId'],
        where: { organisationId: { in: [...organisationIds] }, ...working(now) },
        _count: true,
      }),

    /** One page of an organisation's clients, in the order in which they were made. */
    selectPage: (organisationId: string, page: Page) =>
      db.apiClient.findMany({
        where: { organisationId, id: placeOf(page) },
        orderBy: { id: page.backward ? 'desc' : 'asc' },
        take: page.limit,
      }),

    count: (organisationId: string) => db.apiClient.count({ where: { organisationId } }),

    insert: (client: {
      id: string;
      organisationId: string;
      name: string;
      secretHash: string;
      permissions: readonly string[];
      expiresAt: Date | null;
    }) => db.apiClient.create({ data: { ...client, permissions: [...client.permissions] } }),

    /** Gives the client another secret, where it still has that one: 1 where this call did it. */
    updateSecret: async (
      { organisationId, id, secretHash }: ApiClient,
      { to, previousUntil }: { to: string; previousUntil: Date },
    ) => {
      const { count } = await db.apiClient.updateMany({
        where: { organisationId, id, secretHash, revokedAt: null },
        data: { secretHash: to, previousSecretHash: secretHash, previousUntil },
      });
      return count;
    },

    /** Once a minute at most, so that a busy client costs no write each time. */
    updateLastUsed: (organisationId: string, id: string, at: Date) => db.$executeRaw`
      UPDATE api_client SET last_used_at = ${at}::timestamptz
      WHERE organisation_id = ${organisationId} AND id = ${id}
        AND (last_used_at IS NULL OR last_used_at < ${at}::timestamptz - interval '1 minute')`,

    /** Ends the client where it works: 1 where this call did it. */
    updateRevoked: async (organisationId: string, id: string, revokedAt: Date) => {
      const { count } = await db.apiClient.updateMany({
        where: { organisationId, id, revokedAt: null },
        data: { revokedAt },
      });
      return count;
    },
  };
}
