import { createHash, timingSafeEqual } from 'node:crypto';
import type { LrsKey } from '../store/lrs-keys.ts';
import type { BearerTokens } from './bearer-tokens.ts';
import { refusals } from './xapi-error.ts';

/** Who sends a request: which key or bearer of a token, whose store, with which scopes. */
export interface Credential {
  readonly keyId: string;
  readonly name: string;
  readonly organisationId: string;
  readonly scopes: ReadonlySet<string>;
  /** From when on it opens nothing, in milliseconds since 1970: the key expires, or its secret was replaced. */
  readonly until: number;
  /** The id of the user or API client, where an access token came and no key. */
  readonly bearer?: string;
}

export interface Credentials {
  /**
   * The credential behind an Authorization header.
   * @throws XapiError 401; 503 where nobody can tell
   */
  verify(authorization: string | undefined): Promise<Credential>;
}

interface Remembered {
  readonly credential: Promise<Credential | null>;
  readonly until: number;
}

export interface CredentialsOptions {
  readonly selectKey: (key: string) => Promise<LrsKey | null>;
  /** For access tokens; absent: they open nothing. */
  readonly bearerTokens?: BearerTokens;
  /** How long an answer holds: a revoked key opens nothing after it. */
  readonly rememberMs?: number;
  /** Somebody came with the key, at a time in milliseconds since 1970. Called for each request. */
  readonly onUsed?: (credential: Credential, at: number) => void;
  readonly now?: () => number;
  /** Milliseconds that nobody sets back: by them it is remembered. */
  readonly elapsed?: () => number;
}

/** Headers remembered at most: credentials that are guessed must not fill memory. */
const rememberedLimit = 10_000;

const longestBasic = 1_000;

/** A key that is unknown now may be one that was just made. */
const unknownShare = 0.25;

/**
 * Basic credentials against the keys of the store. A header that was verified is remembered for a moment, which
 * spares the hot path a look-up and a hash; the time runs from before the look-up.
 */
export function createCredentials(o: CredentialsOptions): Credentials {
  const { selectKey, bearerTokens, rememberMs = 2_000, onUsed, now = Date.now } = o;
  const { elapsed = () => performance.now() } = o;
  const remembered = new Map<string, Remembered>();

  function lookUp(authorization: string): Promise<Credential | null> {
    const started = elapsed();
    const credential = verifyBasic(authorization, selectKey);
    remember(authorization, { credential, until: started + rememberMs });
    credential.then(
      (found) => {
        if (found === null)
          remember(authorization, { credential, until: started + rememberMs * unknownShare });
      },
      () => remembered.delete(authorization),
    );
    return credential;
  }

  function remember(authorization: string, entry: Remembered): void {
    remembered.delete(authorization);
    remembered.set(authorization, entry);
    if (remembered.size <= rememberedLimit) return;
    const [oldest] = remembered.keys();
    if (oldest !== undefined) remembered.delete(oldest);
  }

  async function verifyKey(authorization: string): Promise<Credential> {
    const entry = remembered.get(authorization);
    const credential =
      entry !== undefined && entry.until > elapsed() ? entry.credential : lookUp(authorization);
    const found = await credential.catch(() => {
      throw refusals.unavailable('The database of keys');
    });
    const at = now();
    if (found === null || found.until <= at) throw refusals.unauthenticated();
    onUsed?.(found, at);
    return found;
  }

  async function verifyToken(token: string, tokens: BearerTokens): Promise<Credential> {
    const found = await tokens.verify(token).catch(() => {
      throw refusals.unavailable('What verifies access tokens');
    });
    if (found === null || found.until <= now()) throw refusals.unauthenticated();
    return found;
  }

  return {
    async verify(authorization) {
      if (authorization === undefined) throw refusals.unauthenticated();
      const token = tokenIn(authorization);
      if (token !== undefined && bearerTokens !== undefined) return verifyToken(token, bearerTokens);
      if (authorization.length > longestBasic) throw refusals.unauthenticated();
      return verifyKey(authorization);
    },
  };
}

/** RFC 6750, 2.1. */
function tokenIn(authorization: string): string | undefined {
  return /^bearer +([a-z0-9._~+/-]+=*) *$/i.exec(authorization)?.[1];
}

async function verifyBasic(
  authorization: string,
  selectKey: CredentialsOptions['selectKey'],
): Promise<Credential | null> {
  const pair = readBasic(authorization);
  if (pair === null) return null;
  const found = await selectKey(pair.key);
  const given = sha256(pair.secret);
  // Both are compared, whichever there are: how long it takes tells nothing.
  const isCurrent = isHashOf(found?.secretHash, given);
  const isPrevious = isHashOf(found?.previousSecretHash, given);
  if (found === null || !(isCurrent || isPrevious)) return null;
  const { id, name, organisationId, scopes } = found;
  const expiry = found.expiresAt?.getTime() ?? Infinity;
  const until = isCurrent ? expiry : Math.min(expiry, found.previousUntil?.getTime() ?? 0);
  return { keyId: id, name, organisationId, scopes: new Set(scopes), until };
}

const noHash = '0'.repeat(64);

function isHashOf(hash: string | null | undefined, given: Buffer): boolean {
  return timingSafeEqual(given, Buffer.from(hash ?? noHash, 'hex'));
}

/** RFC 7617: everything up to the first colon is the user. */
function readBasic(authorization: string): { key: string; secret: string } | null {
  const [, encoded] = /^basic +([a-z0-9+/]+=*) *$/i.exec(authorization) ?? [];
  if (encoded === undefined) return null;
  const pair = Buffer.from(encoded, 'base64').toString();
  const colon = pair.indexOf(':');
  // PostgreSQL's text has no NUL.
  if (colon < 1 || pair.includes('\0')) return null;
  return { key: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
