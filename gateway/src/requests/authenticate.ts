import { TokenError, type TokenVerifier, type Viewer } from '@lyceum/service';
import { GraphQLError } from 'graphql';

/** Who asks, and the header that says so; both undefined where there is no token. */
export interface Credentials {
  readonly viewer: Viewer | undefined;
  readonly authorization: string | undefined;
}

const anonymous: Credentials = { viewer: undefined, authorization: undefined };

/**
 * Verifies an `Authorization` header's token. None is allowed, and then no viewer; one that is there must be valid,
 * so that a client whose token expired is told, not treated as a stranger.
 *
 * @throws GraphQLError UNAUTHENTICATED (status 401), or UNAVAILABLE (503) while the keys cannot be had.
 */
export async function authenticate(
  verifier: TokenVerifier,
  header: string | undefined,
): Promise<Credentials> {
  if (header === undefined || header === '') return anonymous;
  const token = /^Bearer (\S+)$/i.exec(header)?.[1];
  if (token === undefined) throw unauthenticated('The Authorization header must be: Bearer <access token>.');
  try {
    return { viewer: await verifier.verify(token), authorization: `Bearer ${token}` };
  } catch (error) {
    if (error instanceof TokenError) throw unauthenticated(error.message);
    throw new GraphQLError('The keys that verify access tokens cannot be had now. Try again.', {
      extensions: { code: 'UNAVAILABLE', http: { status: 503 } },
      originalError: error instanceof Error ? error : new Error(String(error)),
    });
  }
}

/** `{ authorization: 'Bearer …' }` or `{ token: '…' }`, as graphql-ws clients send them when they connect. */
export function authorizationOf(
  connectionParams: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  const { authorization, Authorization, token } = connectionParams ?? {};
  const header = authorization ?? Authorization;
  if (typeof header === 'string') return header;
  return typeof token === 'string' && token !== '' ? `Bearer ${token}` : undefined;
}

function unauthenticated(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
}
