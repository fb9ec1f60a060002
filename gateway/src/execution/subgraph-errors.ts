import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { ResponsePath } from './places.ts';

/** An error as a subgraph sent it, as one of the operation: with the subgraph's name, its code kept, at this path. */
export function errorOfSubgraph(
  error: GraphQLFormattedError,
  serviceName: string,
  path: ResponsePath | undefined,
): GraphQLError {
  const message = error.message || `Error while fetching subquery from service "${serviceName}"`;
  const code = error.extensions?.['code'] ?? 'DOWNSTREAM_SERVICE_ERROR';
  return new GraphQLError(message, {
    originalError: error as Error,
    path,
    extensions: { ...error.extensions, serviceName, code },
  });
}

/** What a subgraph answered is GraphQL, but no answer to what it was asked. */
export function unexpected(message: string, serviceName: string, path: ResponsePath): GraphQLError {
  return new GraphQLError(message, { path, extensions: { code: 'SUBGRAPH_BAD_ANSWER', serviceName } });
}
