import type { MembershipKey } from './memberships.ts';
import type { Connection } from './store.ts';

/** The recovery codes of memberships, as digests. */
export function recoveryCodeStore(db: Connection) {
  return {
    count: (key: MembershipKey) => db.recoveryCode.count({ where: key }),

    insertMany: (key: MembershipKey, digests: readonly string[]) =>
      db.recoveryCode.createMany({ data: digests.map((digest) => ({ ...key, digest })) }),

    /** Uses a code up: 1 where it was there. */
    delete: async (key: MembershipKey, digest: string) =>
      (await db.recoveryCode.deleteMany({ where: { ...key, digest } })).count,

    deleteAll: (key: MembershipKey) => db.recoveryCode.deleteMany({ where: key }),
  };
}
