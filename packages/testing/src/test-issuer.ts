import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId, type Grant, type PermissionName, type Role } from '@lyceum/service';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface TokenClaims {
  readonly userId?: string;
  readonly organisationId?: string;
  /** Which the tokens of one login share. */
  readonly sessionId?: string;
  readonly roles?: readonly Role[];
  /** What custom roles add in the whole organisation. */
  readonly permissions?: readonly PermissionName[];
  readonly grants?: readonly Grant[];
  /** Whether `permissions` is all that the bearer may do, as of a machine's token. */
  readonly permissionsOnly?: boolean;
  /** From now; negative for a token that has expired. */
  readonly seconds?: number;
}

/** Stands where identity stands for a service under test: it publishes a key and signs tokens for any role. */
export interface TestIssuer {
  readonly jwksUrl: string;
  /** What PUBLIC_URL of the service under test must be. */
  readonly issuer: string;
  tokenFor(claims?: TokenClaims): Promise<string>;
  close(): Promise<void>;
}

export async function createTestIssuer(issuer = 'http://localhost:4000'): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = newId('jwk');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(keys);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    issuer,
    tokenFor: ({
      userId = newId('user'),
      organisationId = newId('org'),
      sessionId = newId('session'),
      roles = ['LEARNER'],
      permissions,
      grants,
      permissionsOnly: permissions_only,
      seconds = 600,
    } = {}) =>
      new SignJWT({
        org: organisationId,
        roles,
        sid: sessionId,
        scope: '',
        ...(permissions && { permissions }),
        ...(grants && { grants }),
        ...(permissions_only && { permissions_only }),
      })
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience('lyceum')
        .setSubject(userId)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .sign(privateKey),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
