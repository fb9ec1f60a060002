import type { SignOn, SignOnCode } from './generated/client.ts';
import type { SessionsOfProvider } from './sessions.ts';
import type { Connection } from './store.ts';

export type { SignOn, SignOnCode };

export type CodePurpose = 'LOGIN' | 'LINK' | 'LINK_BEGIN';

export type NewSignOnCode = SignOnCode & { readonly purpose: CodePurpose };

/** Browsers at a provider, and the one-time codes before and after. Who shows a secret names the organisation by it. */
export function signOnStore(db: Connection) {
  return {
    insert: (signOn: SignOn) => db.signOn.create({ data: signOn }),

    /** Uses it up: undefined where it was used, is too old, never was, or is another browser's. */
    deleteReturning: async (stateHash: string, browserHash: string): Promise<SignOn | undefined> => {
      const [used] = await db.$queryRaw<SignOn[]>`
        DELETE FROM sign_on
        WHERE state_hash = ${stateHash} AND browser_hash = ${browserHash} AND expires_at > now()
        RETURNING state_hash AS "stateHash", organisation_id AS "organisationId", provider_id AS "providerId",
                  browser_hash AS "browserHash", sealed_verifier AS "sealedVerifier",
                  sealed_nonce AS "sealedNonce", return_to AS "returnTo", link_user_id AS "linkUserId",
                  expires_at AS "expiresAt"`;
      return used;
    },

    insertCode: (code: NewSignOnCode) => db.signOnCode.create({ data: code }),

    /** Uses it up: undefined where it was used, is too old, never was, or is for something else. */
    deleteCodeReturning: async (hash: string, purpose: CodePurpose): Promise<SignOnCode | undefined> => {
      const [used] = await db.$queryRaw<SignOnCode[]>`
        DELETE FROM sign_on_code WHERE hash = ${hash} AND purpose = ${purpose} AND expires_at > now()
        RETURNING hash, purpose, organisation_id AS "organisationId", provider_id AS "providerId",
                  user_id AS "userId", subject, return_to AS "returnTo", methods, provider_session AS "providerSession",
                  expires_at AS "expiresAt"`;
      return used;
    },

    /** Whose logins by a provider are about to be completed. */
    selectUserIdsOfCodes: async (codes: SessionsOfProvider): Promise<string[]> => {
      const where = { ...codes, purpose: 'LOGIN' };
      const found = await db.signOnCode.findMany({ where, select: { userId: true } });
      return found.map(({ userId }) => userId);
    },

    /** Voids the codes of a provider. Browsers that are there come back, and are told. */
    deleteCodesOfProvider: (codes: SessionsOfProvider) => db.signOnCode.deleteMany({ where: codes }),

    deleteExpired: async (now: Date) => {
      await db.signOn.deleteMany({ where: { expiresAt: { lt: now } } });
      await db.signOnCode.deleteMany({ where: { expiresAt: { lt: now } } });
    },
  };
}
