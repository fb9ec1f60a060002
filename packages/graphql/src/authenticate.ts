import { TokenError, unauthenticated, unavailable, type TokenVerifier, type Viewer } from '@lyceum/service';
import { GraphQLError } from 'graphql';

/**
 * The viewer that an Authorization header names; null where there is none. A token that is there must be valid: a
 * client whose token has expired is told, not treated as a stranger.
 *
 * @throws GraphQLError UNAUTHENTICATED (status 401), or UNAVAILABLE (503) while the keys cannot be had.
 */
export async function viewerOf(
  verifier: TokenVerifier,
  authorization: string | undefined,
): Promise<Viewer | null> {
  if (authorization === undefined || authorization === '') return null;
  const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw refused('The Authorization header must be: Bearer <access token>.');
  try {
    return await verifier.verify(token);
  } catch (error) {
    throw error instanceof TokenError ? refused(error.message) : withoutKeys(error);
  }
}

function refused(reason: string): GraphQLError {
  const { message, code } = unauthenticated(reason);
  return new GraphQLError(message, { extensions: { code, http: { status: 401 } } });
}

function withoutKeys(cause: unknown): GraphQLError {
  const { message, code } = unavailable('The keys that verify access tokens cannot be had now: try again.');
  const originalError = cause instanceof Error ? cause : new Error(String(cause));
  return new GraphQLError(message, { originalError, extensions: { code, http: { status: 503 } } });
}
