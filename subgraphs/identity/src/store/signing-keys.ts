import type { Prisma, SigningKey } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { SigningKey };

export function signingKeyStore(db: Connection) {
  return {
    /** All keys, the one that signs last first. */
    selectMany: () => db.signingKey.findMany({ orderBy: [{ signsFrom: 'desc' }, { id: 'desc' }] }),

    insert: (key: { id: string; publicJwk: Prisma.InputJsonObject; privateJwk: string; signsFrom: Date }) =>
      db.signingKey.create({ data: key }),

    deleteMany: (ids: readonly string[]) => db.signingKey.deleteMany({ where: { id: { in: [...ids] } } }),

    /** Of several instances that start at once, one makes the next key while the others wait. */
    lock: () => db.$executeRaw`LOCK TABLE signing_key IN EXCLUSIVE MODE`,
  };
}
