import type { Prisma, SigningKey } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { SigningKey };

export function signingKeyStore(db: Connection) {
  return {
    /** All keys, the newest first. */
    selectMany: () => db.signingKey.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'desc' }] }),

    insert: (key: { id: string; publicJwk: Prisma.InputJsonObject; privateJwk: string }) =>
      db.signingKey.create({ data: key }),

    /** Of several instances that start at once, one makes the first key while the others wait. */
    lock: () => db.$executeRaw`LOCK TABLE signing_key IN EXCLUSIVE MODE`,
  };
}
