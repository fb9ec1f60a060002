import type { HeldNames } from '@lyceum/service';
import { SignJWT } from 'jose';
import type { SigningKeys } from './signing-keys.ts';

export const tokenAudience = 'lyceum';

export interface AccessTokens {
  /** A JWT (RFC 7519) for one session, and when it ends. */
  sign(session: {
    sessionId: string;
    userId: string;
    organisationId: string;
    /** What the person may do. */
    held: HeldNames;
    /** How the login was made (RFC 8176). */
    methods: readonly string[];
  }): Promise<{ accessToken: string; expiresAt: Date }>;
}

export function createAccessTokens(options: {
  keys: SigningKeys;
  issuer: string;
  seconds: number;
}): AccessTokens {
  return {
    async sign({ sessionId, userId, organisationId, held, methods }) {
      const { id, privateKey } = options.keys.current;
      const expiresAt = new Date((Math.floor(Date.now() / 1000) + options.seconds) * 1000);
      const accessToken = await new SignJWT({
        org: organisationId,
        ...claimsOf(held),
        sid: sessionId,
        scope: '',
        amr: methods,
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
