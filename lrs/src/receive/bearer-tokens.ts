import {
  isLogin,
  TokenError,
  viewerMay,
  type PermissionName,
  type TokenVerifier,
  type Viewer,
} from '@lyceum/service';
import type { TokenBearer } from '../store/ended-sessions.ts';
import type { Credential } from './credentials.ts';

/**
 * Access tokens of identity in the place of keys: who bears one writes and reads as themselves, as far as their
 * permissions reach.
 */
export interface BearerTokens {
  /** The credential behind a token; null where it opens nothing. Rejects where nobody can tell. */
  verify(token: string): Promise<Credential | null>;
}

export interface BearerTokensOptions {
  readonly verifier: TokenVerifier;
  readonly selectIsEnded: (bearer: TokenBearer) => Promise<boolean>;
  /** How long an answer holds: what ended opens nothing after it. */
  readonly rememberMs?: number;
  readonly now?: () => number;
}

/** What a permission of the catalogue opens, in the scopes of xAPI (Communication 4.2). */
const scopesOfPermission: readonly (readonly [PermissionName, readonly string[]])[] = [
  ['statement.write', ['statements/write', 'define', 'state', 'profile']],
  ['statement.read.all', ['statements/read']],
  ['statement.read.own', ['statements/read/mine']],
  // No scopes of xAPI, and so of no key: files of a whole store (store-export.ts, store-import.ts).
  ['store.export', ['store/export']],
  ['store.import', ['store/import']],
];

interface Remembered {
  readonly credential: Promise<Credential | null>;
  readonly until: number;
}

export function createBearerTokens(o: BearerTokensOptions): BearerTokens {
  const { verifier, selectIsEnded, rememberMs = 2_000, now = () => performance.now() } = o;
  // The verifier gives the same viewer for the same token, for as long as it remembers it.
  const remembered = new WeakMap<Viewer, Remembered>();

  async function lookUp(viewer: Viewer, known: Credential | null): Promise<Credential | null> {
    const { sessionId, organisationId } = viewer;
    const loggedInAt = isLogin(viewer) ? (viewer.issuedAt ?? new Date(0)) : undefined;
    if (await selectIsEnded({ sessionId, organisationId, loggedInAt })) return null;
    return known ?? credentialOf(viewer);
  }

  function current(viewer: Viewer): Promise<Credential | null> {
    const entry = remembered.get(viewer);
    if (entry !== undefined && entry.until > now()) return entry.credential;
    // The same credential again: what is made once for each (its stamps) is not made anew every two seconds.
    const before = entry?.credential.catch(() => null) ?? Promise.resolve(null);
    const credential = before.then((known) => lookUp(viewer, known));
    remembered.set(viewer, { credential, until: now() + rememberMs });
    credential.catch(() => remembered.delete(viewer));
    return credential;
  }

  return {
    async verify(token) {
      try {
        return await current(await verifier.verify(token));
      } catch (error) {
        if (error instanceof TokenError) return null;
        throw error;
      }
    },
  };
}

function credentialOf(viewer: Viewer): Credential {
  const held = scopesOfPermission.filter(([name]) => viewerMay(viewer, name));
  return {
    keyId: viewer.userId,
    name: viewer.userId,
    organisationId: viewer.organisationId,
    scopes: new Set(held.flatMap(([, scopes]) => scopes)),
    until: viewer.expiresAt.getTime(),
    bearer: viewer.userId,
  };
}
