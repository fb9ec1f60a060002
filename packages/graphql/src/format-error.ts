import { randomUUID } from 'node:crypto';
import { unwrapResolverError } from '@apollo/server/errors';
import type { DomainError, Logger } from '@lyceum/service';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { expectedFailure } from './expected-failure.ts';

/**
 * How an error leaves the process: an expected one with its code, its field and its details; a fault of ours logged
 * with an id, and (in production) shown as that id alone.
 */
export function formatGraphQLError(options: { logger: Logger; production: boolean }) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const cause = unwrapResolverError(error);
    const failure = expectedFailure(cause);
    if (failure) return expected(formatted, failure);
    const code = formatted.extensions?.['code'];
    const ofClient = cause instanceof GraphQLError && code !== 'INTERNAL_SERVER_ERROR';
    return ofClient ? withoutStack(formatted) : fault(formatted, cause, options);
  };
}

function expected(formatted: GraphQLFormattedError, cause: DomainError): GraphQLFormattedError {
  const { code, field, details } = cause;
  return {
    ...formatted,
    message: cause.message,
    extensions: { ...details, code, ...(field ? { field } : {}) },
  };
}

function fault(
  formatted: GraphQLFormattedError,
  cause: unknown,
  { logger, production }: { logger: Logger; production: boolean },
): GraphQLFormattedError {
  const errorId = randomUUID();
  logger.error({ err: cause, errorId, path: formatted.path }, 'a resolver failed');
  const message = production ? `Something went wrong on our side (error ${errorId}).` : formatted.message;
  return { ...formatted, message, extensions: { code: 'INTERNAL_SERVER_ERROR', errorId } };
}

function withoutStack(formatted: GraphQLFormattedError): GraphQLFormattedError {
  if (!formatted.extensions) return formatted;
  const { stacktrace: _, ...extensions } = formatted.extensions;
  return { ...formatted, extensions };
}
