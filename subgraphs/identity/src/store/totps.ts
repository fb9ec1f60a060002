import type { Totp } from './generated/client.ts';
import type { MembershipKey } from './memberships.ts';
import type { Connection } from './store.ts';

export type { Totp };

/** The secrets that memberships share with authenticator apps: one each. */
export function totpStore(db: Connection) {
  return {
    selectOptional: ({ organisationId, userId }: MembershipKey) =>
      db.totp.findUnique({ where: { organisationId_userId: { organisationId, userId } } }),

    /** Puts a secret in the place of one that was not confirmed. Answers 0 where there is one that was. */
    upsertUnconfirmed: ({ organisationId, userId }: MembershipKey, sealedSecret: string, createdAt: Date) =>
      db.$executeRaw`
        INSERT INTO totp (organisation_id, user_id, sealed_secret, created_at)
        VALUES (${organisationId}, ${userId}, ${sealedSecret}, ${createdAt})
        ON CONFLICT (organisation_id, user_id) DO UPDATE
        SET sealed_secret = excluded.sealed_secret, created_at = excluded.created_at
        WHERE totp.organisation_id = ${organisationId} AND totp.confirmed_at IS NULL`,

    /** From here on the secret counts, as long as it is that one: 1 where this call did it. */
    updateConfirmed: async (key: MembershipKey, sealedSecret: string, lastStep: number) => {
      const { count } = await db.totp.updateMany({
        where: { ...key, sealedSecret, confirmedAt: null },
        data: { confirmedAt: new Date(), lastStep },
      });
      return count;
    },

    /** Takes a code's time step: 1 where it is later than all that were taken, else 0. */
    updateLastStep: async (key: MembershipKey, lastStep: number) => {
      const { count } = await db.totp.updateMany({
        where: { ...key, confirmedAt: { not: null }, lastStep: { lt: lastStep } },
        data: { lastStep },
      });
      return count;
    },

    delete: async (key: MembershipKey) => (await db.totp.deleteMany({ where: key })).count,
  };
}
