import type { MembershipKey } from './memberships.ts';
import type { Connection } from './store.ts';

/** Which second factors a membership has. */
export interface FactorsHeld {
  readonly totp: boolean;
  readonly passkey: boolean;
  readonly recoveryCode: boolean;
}

/** The second factors together, whichever tables they lie in: each login asks. */
export function secondFactorStore(db: Connection) {
  return {
    select: async ({ organisationId, userId }: MembershipKey): Promise<FactorsHeld> => {
      const [held] = await db.$queryRaw<[FactorsHeld]>`
        SELECT
          EXISTS (
            SELECT FROM totp
            WHERE organisation_id = ${organisationId} AND user_id = ${userId} AND confirmed_at IS NOT NULL
          ) AS totp,
          EXISTS (
            SELECT FROM passkey WHERE organisation_id = ${organisationId} AND user_id = ${userId}
          ) AS passkey,
          EXISTS (
            SELECT FROM recovery_code WHERE organisation_id = ${organisationId} AND user_id = ${userId}
          ) AS "recoveryCode"`;
      return held;
    },
  };
}
