import type { Page } from '@lyceum/graphql';
import type { Passkey } from './generated/client.ts';
import type { MembershipKey } from './memberships.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { Passkey };

export function passkeyStore(db: Connection) {
  return {
    /** Whose it is, is what a login with it is to find out. */
    selectOptionalByCredential: (credentialId: string) => db.passkey.findUnique({ where: { credentialId } }),

    selectMany: (key: MembershipKey) => db.passkey.findMany({ where: key, orderBy: { id: 'asc' } }),

    selectOptional: (key: MembershipKey, id: string) => db.passkey.findFirst({ where: { ...key, id } }),

    selectPage: (key: MembershipKey, page: Page) =>
      db.passkey.findMany({
        where: { ...key, id: placeOf(page) },
        orderBy: { id: page.backward ? 'desc' : 'asc' },
        take: page.limit,
      }),

    count: (key: MembershipKey) => db.passkey.count({ where: key }),

    /** The passkey; undefined where its credential is known already. */
    insertOptional: async (
      passkey: Omit<Passkey, 'createdAt' | 'lastUsedAt' | 'publicKey'> & {
        publicKey: Uint8Array<ArrayBuffer>;
      },
    ): Promise<Passkey | undefined> => {
      const [inserted] = await db.passkey.createManyAndReturn({ data: [passkey], skipDuplicates: true });
      return inserted;
    },

    /** 1 where it counted on since its last use, or never counts, and 0 where its counter went back or stood still. */
    updateUsed: ({ organisationId, id }: Pick<Passkey, 'organisationId' | 'id'>, counter: number) =>
      db.$executeRaw`
        UPDATE passkey SET counter = ${counter}::bigint, last_used_at = now()
        WHERE organisation_id = ${organisationId} AND id = ${id}
          AND (counter < ${counter}::bigint OR (counter = 0 AND ${counter}::bigint = 0))`,

    updateName: async (key: MembershipKey, id: string, name: string): Promise<Passkey | undefined> => {
      const [updated] = await db.passkey.updateManyAndReturn({ where: { ...key, id }, data: { name } });
      return updated;
    },

    delete: async (key: MembershipKey, id: string) =>
      (await db.passkey.deleteMany({ where: { ...key, id } })).count,

    deleteAll: (key: MembershipKey) => db.passkey.deleteMany({ where: key }),
  };
}
