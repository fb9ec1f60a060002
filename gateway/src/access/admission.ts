import { holdSameRights, isSameSession, type Viewer } from '@lyceum/service';
import { GraphQLError } from 'graphql';
import type { Access, Credentials } from './access.ts';

/** What came of a token that was shown in place of the one that somebody came in with. */
export type Renewal =
  | { readonly outcome: 'renewed'; readonly expiresAt: Date; readonly rightsChanged: boolean }
  /** The current token goes on until its own end. */
  | { readonly outcome: 'refused'; readonly code: string; readonly reason: string }
  /** It is of another user, organisation or session: whoever shows it has no business here. */
  | { readonly outcome: 'somebody-else'; readonly reason: string };

/** Somebody who came in and stays, on a socket or a stream, for as long as their token and its session last. */
export interface Admission {
  /** As they are now: renewed ones take the place of those that were shown first. */
  readonly credentials: Credentials;
  /** Never rejects but for a fault of ours. One at a time: a second one meanwhile is refused. */
  renew(header: string): Promise<Renewal>;
  /** Nobody is told of an end any more. */
  leave(): void;
}

/** @param options.over called once, with the reason, when they are to be out. */
export function createAdmission(options: {
  access: Access;
  credentials: Credentials;
  over: (reason: string) => void;
}): Admission {
  const { access, over } = options;
  let { credentials } = options;
  let stopWatching = access.watch(credentials.viewer, over);
  let renewing = false;
  let left = false;

  function adopt(next: Credentials, viewer: Viewer): Renewal {
    const { viewer: current } = credentials;
    if (!current || !isSameSession(current, viewer))
      return { outcome: 'somebody-else', reason: otherSession };
    // Whoever sends an older one by mistake must not shorten what they have.
    if (viewer.expiresAt <= current.expiresAt) return renewedUntil(current.expiresAt, false);
    stopWatching();
    credentials = next;
    stopWatching = access.watch(viewer, over);
    return renewedUntil(viewer.expiresAt, !holdSameRights(current, viewer));
  }

  async function verify(header: string): Promise<Renewal> {
    try {
      const next = await access.authenticate(header);
      if (left) return refused('UNAUTHENTICATED', 'The connection has ended.');
      return next.viewer ? adopt(next, next.viewer) : refused('UNAUTHENTICATED', 'There is no token.');
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return refused(String(error.extensions['code']), error.message);
    }
  }

  return {
    get credentials() {
      return credentials;
    },
    async renew(header) {
      if (renewing) return refused('RENEWAL_UNDER_WAY', 'Another token is being verified.');
      renewing = true;
      try {
        return await verify(header);
      } finally {
        renewing = false;
      }
    },
    leave() {
      left = true;
      stopWatching();
    },
  };
}

const otherSession = 'The new token is of another user, organisation or session.';

function renewedUntil(expiresAt: Date, rightsChanged: boolean): Renewal {
  return { outcome: 'renewed', expiresAt, rightsChanged };
}

function refused(code: string, reason: string): Renewal {
  return { outcome: 'refused', code, reason };
}
