import { onExpiry, TokenError, type TokenVerifier, type Viewer } from '@lyceum/service';
import { GraphQLError } from 'graphql';
import { createClosedOrganisations, type ClosedOrganisations } from './closed-organisations.ts';
import type { EndedSessions } from './ended-sessions.ts';
import type { PersonalAccessTokens } from './personal-access-tokens.ts';

/** Who asks, and the header that says so; both undefined where there is no token. */
export interface Credentials {
  readonly viewer: Viewer | undefined;
  readonly authorization: string | undefined;
}

/** Who comes in, and for how long. */
export interface Access {
  /**
   * Verifies an `Authorization` header's token. None is allowed, and then no viewer; one that is there must be valid,
   * so that a client whose token expired, or whose session ended, is told, not treated as a stranger.
   *
   * A personal access token (`lyp_…`) is taken in its stead, and exchanged for one.
   *
   * @throws GraphQLError UNAUTHENTICATED (status 401), or UNAVAILABLE (503) while identity's keys or word can't be had.
   */
  authenticate(header: string | undefined): Promise<Credentials>;
  /**
   * Calls `over` once, with the reason, when who came in is to be out: the token has expired, its session ended, or
   * its organisation was suspended.
   *
   * @returns how to stop watching
   */
  watch(viewer: Viewer | undefined, over: (reason: string) => void): () => void;
}

const anonymous: Credentials = { viewer: undefined, authorization: undefined };
const sessionEnded = 'The session has ended.';
const organisationClosed = 'The organisation was suspended.';

export function createAccess(options: {
  verifier: TokenVerifier;
  ended: EndedSessions;
  closed?: ClosedOrganisations | undefined;
  personalAccessTokens?: PersonalAccessTokens | undefined;
}): Access {
  const { verifier, ended, closed = createClosedOrganisations(), personalAccessTokens } = options;

  async function verified(given: string): Promise<{ viewer: Viewer; token: string }> {
    try {
      const isPersonal = given.startsWith('lyp_') && personalAccessTokens !== undefined;
      const token = isPersonal ? await personalAccessTokens.accessTokenOf(given) : given;
      return { token, viewer: await verifier.verify(token) };
    } catch (error) {
      if (error instanceof TokenError) throw unauthenticated(error.message);
      throw new GraphQLError('Access tokens cannot be verified now. Try again.', {
        extensions: { code: 'UNAVAILABLE', http: { status: 503 } },
        originalError: error instanceof Error ? error : new Error(String(error)),
      });
    }
  }

  return {
    async authenticate(header) {
      if (header === undefined || header === '') return anonymous;
      const given = /^Bearer (\S+)$/i.exec(header)?.[1];
      if (given === undefined)
        throw unauthenticated('The Authorization header must be: Bearer <access token>.');
      const { viewer, token } = await verified(given);
      if (ended.has(viewer.sessionId)) throw unauthenticated(sessionEnded);
      if (closed.refuses(viewer)) throw unauthenticated(organisationClosed);
      return { viewer, authorization: `Bearer ${token}` };
    },

    watch(viewer, over) {
      if (!viewer) return () => undefined;
      const forgetExpiry = onExpiry(viewer, () => {
        end('The access token has expired.');
      });
      const watched = { over: false };
      const forgotten: (() => void)[] = [forgetExpiry];
      const stop = () => {
        watched.over = true;
        for (const forget of forgotten) forget();
      };
      const end = (reason: string) => {
        if (watched.over) return;
        stop();
        over(reason);
      };
      // Where one has ended meanwhile, these call at once.
      forgotten.push(
        ended.onEnd(viewer.sessionId, () => {
          end(sessionEnded);
        }),
      );
      if (watched.over) return stop;
      forgotten.push(
        closed.onClose(viewer, () => {
          end(organisationClosed);
        }),
      );
      return stop;
    },
  };
}

function unauthenticated(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
}
