import { jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';

export type ProviderKeys = JWTVerifyGetKey;

/** Who is logged out: a person, one of their sessions at the provider, or both. */
export interface LogoutClaims {
  readonly subject: string | undefined;
  readonly session: string | undefined;
  /** Of the token: it is taken once. */
  readonly id: string;
  /** From when on the token is refused by its age. */
  readonly expiresAt: Date;
}

/** A logout token that is signed as it should be, and says what none may. */
export class LogoutTokenError extends Error {
  override name = 'LogoutTokenError';
}

const event = 'http://schemas.openid.net/event/backchannel-logout';
const longestSeconds = 3_600;
const toleranceSeconds = 60;
const longestId = 1_000;
/** Of keys that are published: with `none` and with shared secrets nobody logs anybody out. */
const asymmetric = /^(?:[RPE]S(?:256|384|512)|EdDSA|Ed25519)$/;

/**
 * Verifies a logout token by each rule of OpenID Connect Back-Channel Logout 1.0, 2.6: the signature, by an algorithm that
 * the provider signs ID tokens with; `iss`, `aud`, `iat` and `exp` as of those; `sub` or `sid`; the event; no `nonce`,
 * which would make it an ID token; and a `jti`, which the caller sees to be used once. One that is older than an hour is
 * refused whatever it says of its end: so long is remembered which were used.
 *
 * @throws an error of jose, or LogoutTokenError
 */
export async function verifyLogoutToken(
  token: string,
  expected: {
    readonly keys: ProviderKeys;
    readonly issuer: string;
    readonly clientId: string;
    /** Those of the provider's ID tokens; RS256 where it does not say. */
    readonly algorithms: readonly string[] | undefined;
  },
): Promise<LogoutClaims> {
  const { keys, issuer, clientId, algorithms = ['RS256'] } = expected;
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer,
    audience: clientId,
    algorithms: algorithms.filter((name) => asymmetric.test(name)),
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
    maxTokenAge: longestSeconds,
    clockTolerance: toleranceSeconds,
  });
  const fault = typeFault(protectedHeader.typ) ?? faultOf(payload, clientId);
  if (fault !== undefined) throw new LogoutTokenError(`The logout token ${fault}.`);
  const { sub, jti = '', iat = 0 } = payload;
  const expiresAt = new Date((iat + longestSeconds + 2 * toleranceSeconds) * 1_000);
  return { subject: sub, session: textOf(payload['sid']), id: jti, expiresAt };
}

/** Another kind of token than its type says is none (RFC 8725, 3.11); older providers say `JWT`, or nothing. */
function typeFault(type: string | undefined): string | undefined {
  const known = [undefined, 'jwt', 'logout+jwt', 'application/logout+jwt'];
  return known.includes(type?.toLowerCase()) ? undefined : 'is of another type';
}

function faultOf(payload: JWTPayload, clientId: string): string | undefined {
  const { aud, azp, nonce, events, sub, sid, jti } = payload;
  if (nonce !== undefined) return 'has a nonce';
  if (!isObject(events) || !isObject(events[event])) return 'has not the event of a logout';
  if (Array.isArray(aud) && aud.length > 1 && azp !== clientId) return 'is for others beside';
  if (textOf(jti) === undefined || (jti ?? '').length > longestId) return 'has no usable jti';
  const isWrong = (value: unknown) => value !== undefined && textOf(value) === undefined;
  if (isWrong(sub) || isWrong(sid) || (sub === undefined && sid === undefined)) return 'names nobody';
  return undefined;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
