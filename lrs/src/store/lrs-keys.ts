import type { LrsKey } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { LrsKey };

export function lrsKeyStore(db: Connection) {
  return {
    /** The key by the user name of Basic credentials, unless it was revoked or its organisation is suspended. */
    selectOptionalActive: async (key: string): Promise<LrsKey | null> => {
      const found = await db.lrsKey.findFirst({ where: { key, revokedAt: null } });
      if (!found) return null;
      const closed = { id: found.organisationId, suspended: true };
      return (await db.organisation.findFirst({ where: closed, select: { id: true } })) ? null : found;
    },

    /** Does nothing where the key is known: a key that was revoked stays so. */
    insert: (key: {
      id: string;
      organisationId: string;
      name: string;
      key: string;
      secretHash: string;
      scopes: readonly string[];
      expiresAt: Date | null;
    }) => db.lrsKey.createMany({ data: [{ ...key, scopes: [...key.scopes] }], skipDuplicates: true }),

    updateSecret: (
      id: string,
      secrets: { secretHash: string; previousSecretHash: string; previousUntil: Date },
    ) => db.lrsKey.updateMany({ where: { id }, data: secrets }),

    updateRevoked: (id: string, revokedAt: Date) =>
      db.lrsKey.updateMany({ where: { id }, data: { revokedAt } }),
  };
}
