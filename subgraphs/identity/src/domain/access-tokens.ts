import type { Role } from '@lyceum/service';
import { SignJWT } from 'jose';
import type { SigningKeys } from './signing-keys.ts';

export const tokenAudience = 'lyceum';

export interface AccessTokens {
  /** A JWT (RFC 7519) for one session, and when it ends. */
  sign(session: {
    sessionId: string;
    userId: string;
    organisationId: string;
    roles: readonly Role[];
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
    async sign({ sessionId, userId, organisationId, roles, methods }) {
      const { id, privateKey } = options.keys.current;
      const expiresAt = new Date((Math.floor(Date.now() / 1000) + options.seconds) * 1000);
      const accessToken = await new SignJWT({
        org: organisationId,
        roles,
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
