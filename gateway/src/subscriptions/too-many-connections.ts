import { GraphQLError } from 'graphql';

/** Seconds after which it is worth trying again. */
export const retryAfterSeconds = 10;

/** @param of whose there are too many */
export function tooManyConnections(of: 'address' | 'user', limit: number): GraphQLError {
  const whose = of === 'address' ? 'from this address' : 'of this user';
  return new GraphQLError(`No more than ${limit} connections ${whose} may be open at a time.`, {
    extensions: { code: 'TOO_MANY_CONNECTIONS', limit, http: { status: 429 } },
  });
}
