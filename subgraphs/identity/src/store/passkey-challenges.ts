import type { PasskeyChallenge } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { PasskeyChallenge };

/** What authenticators are asked to sign: for a person who registers one, or for whoever logs in. */
export function passkeyChallengeStore(db: Connection) {
  return {
    insert: (challenge: PasskeyChallenge) => db.passkeyChallenge.create({ data: challenge }),

    /** Uses it up: the challenge, or undefined where it was used, is too old, or never was. */
    deleteReturning: async (challenge: string): Promise<PasskeyChallenge | undefined> => {
      const [used] = await db.$queryRaw<PasskeyChallenge[]>`
        DELETE FROM passkey_challenge WHERE challenge = ${challenge} AND expires_at > now()
        RETURNING challenge, organisation_id AS "organisationId", user_id AS "userId",
                  user_handle AS "userHandle", expires_at AS "expiresAt"`;
      return used;
    },

    deleteExpired: (now: Date) => db.passkeyChallenge.deleteMany({ where: { expiresAt: { lt: now } } }),
  };
}
