/** What identity gives who logs in. */
export interface Tokens {
  readonly accessToken: string;
  /** When the access token ends, by identity's clock; ISO 8601. */
  readonly expiresAt: string;
  /** Good for one renewal. */
  readonly refreshToken: string;
}

/** A session as the tabs of a browser share it. */
export interface KeptSession extends Tokens {
  /** The same from login to logout, in all tabs; says nothing else. */
  readonly key: string;
  /** When the access token ends by the clock of this machine, in milliseconds. */
  readonly until: number;
}

/**
 * Of tokens that have just arrived. A JWT says how long it lasts, so that a clock that is wrong by hours does no harm;
 * of any other token `expiresAt` has to do.
 */
export function keptOf(tokens: Tokens, key: string, now = Date.now()): KeptSession {
  const { accessToken, expiresAt, refreshToken } = tokens;
  const seconds = lifetimeOf(accessToken);
  const until = seconds === undefined ? Date.parse(expiresAt) : now + seconds * 1_000;
  return { accessToken, expiresAt, refreshToken, key, until };
}

/** Seconds between `iat` and `exp` (RFC 7519, 4.1); undefined where it is no JWT that has both. */
function lifetimeOf(accessToken: string): number | undefined {
  try {
    const [, body = ''] = accessToken.split('.');
    const { exp, iat } = JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/'))) as {
      exp?: unknown;
      iat?: unknown;
    };
    return typeof exp === 'number' && typeof iat === 'number' ? exp - iat : undefined;
  } catch {
    return undefined;
  }
}
