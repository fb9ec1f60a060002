import type { HeldNames } from '@lyceum/service';
import { SignJWT } from 'jose';
import type { SigningKeys } from './signing-keys.ts';

export const tokenAudience = 'lyceum';

export interface AccessTokens {
  /** A JWT (RFC 7519) for one session, API client or personal access token, and when it ends. */
  sign(session: {
    sessionId: string;
    userId: string;
    organisationId: string;
    /** What its bearer may do. */
    held: HeldNames;
    /** How the login was made (RFC 8176); absent of a program's. */
    methods?: readonly string[];
    /** It ends then at the latest. */
    notAfter?: Date | null;
  }): Promise<{ accessToken: string; expiresAt: Date }>;
  /** From when no access token that was signed up to now is valid, by whatever clock it is read. */
  allOver(): Date;
}

/** Clocks may differ by as much, and a token may be signed while what it is for ends. */
const marginMs = 60_000;

export function createAccessTokens(options: {
  keys: SigningKeys;
  issuer: string;
  seconds: number;
}): AccessTokens {
  return {
    allOver: () => new Date(Date.now() + options.seconds * 1_000 + marginMs),

    async sign({ sessionId, userId, organisationId, held, methods, notAfter }) {
      const { id, privateKey } = options.keys.current;
      const last = Math.min(Date.now() + options.seconds * 1_000, notAfter?.getTime() ?? Infinity);
      const expiresAt = new Date(Math.floor(last / 1_000) * 1_000);
      const accessToken = await new SignJWT({
        org: organisationId,
        ...claimsOf(held),
        sid: sessionId,
        scope: '',
        ...(methods && { amr: methods }),
      })
        .setProtectedHeader({ alg: 'ES256', kid: id, typ: 'at+jwt' })
        .setIssuer(options.issuer)
        .setAudience(tokenAudience)
        .setSubject(userId)
        .setIssuedAt()
        .setExpirationTime(expiresAt)
        .sign(privateKey);
      return { accessToken, expiresAt };
    },
  };
}

/** As packages/service reads them (token-verifier.ts). */
function claimsOf({ roles, permissions, grants, permissionsOnly }: HeldNames) {
  return {
    roles,
    ...(permissions && { permissions }),
    ...(grants && { grants }),
    ...(permissionsOnly && { permissions_only: true }),
  };
}
