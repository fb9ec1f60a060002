import { createHash } from 'node:crypto';
import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import { isRole } from './permissions/catalogue.ts';
import { heldPermissions, type Grant } from './permissions/held.ts';
import type { Viewer } from './viewer.ts';

/** The token is not one of ours, or not any more; `reason` may be shown to its bearer. */
export class TokenError extends Error {
  override name = 'TokenError';
}

export interface TokenVerifier {
  /** @throws TokenError */
  verify(token: string): Promise<Viewer>;
}

const cacheSize = 10_000;

/**
 * Verifies access tokens (JWT, ES256) against identity's published keys. A verified token is remembered until it
 * expires, by its hash, so that the signature of a busy client is checked once.
 */
export function createTokenVerifier(
  options: { issuer: string; audience: string } & ({ jwksUrl: string } | { keys: JWTVerifyGetKey }),
): TokenVerifier {
  const { issuer, audience } = options;
  return createVerifier({
    keys: 'keys' in options ? options.keys : remoteKeys(options.jwksUrl),
    rules: { issuer, audience, algorithms: ['ES256'] },
    viewerOf,
  });
}

/** Signatures with a public key alone: whoever has that must not be able to make one (RFC 8725, 3.1). */
const asymmetric = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA'];

/**
 * Verifies the JWT access tokens of any issuer (RFC 9068) against its published keys. Its viewers belong to no
 * organisation and hold none of our permissions: they have a subject, and scopes.
 *
 * @param options.issuer, options.audience what the token must say; absent: anything.
 */
export function createForeignTokenVerifier(
  options: { issuer?: string | undefined; audience?: string | undefined } & (
    { jwksUrl: string } | { keys: JWTVerifyGetKey }
  ),
): TokenVerifier {
  const { issuer, audience } = options;
  return createVerifier({
    keys: 'keys' in options ? options.keys : remoteKeys(options.jwksUrl),
    rules: {
      algorithms: asymmetric,
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    },
    viewerOf: foreignViewerOf,
  });
}

function createVerifier(options: {
  keys: JWTVerifyGetKey;
  rules: JWTVerifyOptions;
  viewerOf: (claims: JWTPayload) => Viewer;
}): TokenVerifier {
  const { keys, rules, viewerOf: read } = options;
  const verified = new Map<string, Viewer>();

  async function verifySignature(token: string): Promise<Viewer> {
    try {
      const { payload } = await jwtVerify(token, keys, rules);
      return read(payload);
    } catch (error) {
      throw asTokenError(error);
    }
  }

  return {
    async verify(token) {
      const digest = createHash('sha256').update(token).digest('base64');
      const known = verified.get(digest);
      if (known && known.expiresAt > new Date()) return known;
      verified.delete(digest);
      const viewer = await verifySignature(token);
      if (verified.size >= cacheSize) verified.delete(verified.keys().next().value ?? '');
      verified.set(digest, viewer);
      return viewer;
    },
  };
}

/** Identity's published keys, fetched when a key id is met that is not known yet. */
function remoteKeys(jwksUrl: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(jwksUrl), { cooldownDuration: 1_000, timeoutDuration: 3_000 });
}

/** Roles are expanded here, once a token: what is asked of the viewer afterwards are look-ups in sets. */
function viewerOf(claims: JWTPayload): Viewer {
  const { sub, exp, iat } = claims;
  const { org, roles, sid, scope } = claims as Record<string, unknown>;
  const complete =
    typeof sub === 'string' && typeof exp === 'number' && typeof org === 'string' && typeof sid === 'string';
  if (!complete || !Array.isArray(roles)) throw new TokenError('The access token lacks a claim.');
  const known = textsOf(roles).filter(isRole);
  return {
    userId: sub,
    organisationId: org,
    roles: known,
    ...heldPermissions({ roles: known, ...namesOf(claims) }),
    sessionId: sid,
    scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [],
    expiresAt: new Date(exp * 1000),
    issuedAt: typeof iat === 'number' ? new Date(iat * 1000) : undefined,
  };
}

/** Scopes as one text (RFC 8693, 4.2), or as the list that some issuers have in its place; `scp` is theirs, too. */
function foreignViewerOf(claims: JWTPayload): Viewer {
  const { sub, exp, iat } = claims;
  const { scope, scp, sid } = claims as Record<string, unknown>;
  if (typeof sub !== 'string' || typeof exp !== 'number')
    throw new TokenError('The access token lacks a claim.');
  return {
    userId: sub,
    organisationId: '',
    roles: [],
    ...heldPermissions({ roles: [] }),
    // Without a session, a newer token of the same subject may take the older one's place.
    sessionId: typeof sid === 'string' ? sid : sub,
    scopes: [scope, scp].flatMap((claim) =>
      typeof claim === 'string' ? claim.split(' ').filter(Boolean) : textsOf(claim),
    ),
    expiresAt: new Date(exp * 1000),
    issuedAt: typeof iat === 'number' ? new Date(iat * 1000) : undefined,
  };
}

/**
 * What a token says beside its roles, and need not say: `permissions`, a list; `grants`, a list of
 * `{ may: names, on: ids }`; `permissions_only`, that the list `permissions` is all that its bearer may do.
 */
function namesOf({ permissions, grants, permissions_only: only }: JWTPayload) {
  return {
    permissions: textsOf(permissions),
    grants: Array.isArray(grants) ? grants.map(grantOf) : [],
    // A claim that is there in whatever form narrows: a token is never taken for more than it says.
    permissionsOnly: only !== undefined && only !== false,
  };
}

function grantOf(claim: unknown): Grant {
  const { may, on } = Object(claim) as { may?: unknown; on?: unknown };
  return { may: textsOf(may), on: textsOf(on) };
}

function textsOf(claim: unknown): string[] {
  return Array.isArray(claim) ? claim.filter((each): each is string => typeof each === 'string') : [];
}

function asTokenError(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new TokenError('The access token has expired.');
  const ours = [
    errors.JWSInvalid,
    errors.JWTInvalid,
    errors.JWTClaimValidationFailed,
    errors.JWKSNoMatchingKey,
  ];
  const forged = [errors.JWSSignatureVerificationFailed, errors.JOSEAlgNotAllowed, errors.JOSENotSupported];
  if ([...ours, ...forged].some((kind) => error instanceof kind)) {
    return new TokenError('The access token is not valid.');
  }
  return error;
}
