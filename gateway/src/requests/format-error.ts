import { randomUUID } from 'node:crypto';
import { unwrapResolverError } from '@apollo/server/errors';
import type { Logger } from '@lyceum/service';
import { type GraphQLError, type GraphQLFormattedError } from 'graphql';

/** How an error leaves the gateway. */
export type ErrorFormatter = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** Codes that say no more than that something broke; their messages may tell what is nobody's business. */
const faults = new Set<unknown>([undefined, 'INTERNAL_SERVER_ERROR', 'DOWNSTREAM_SERVICE_ERROR']);

/**
 * An expected error leaves with its code. A fault is logged with an id; in production that id is all that is shown
 * of it. A fault that a subgraph has already logged keeps the id that the subgraph gave it.
 */
export function createErrorFormatter(options: { logger: Logger; production: boolean }): ErrorFormatter {
  const { logger, production } = options;

  function mask(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
    const { serviceName, errorId: known } = formatted.extensions ?? {};
    const errorId = typeof known === 'string' ? known : randomUUID();
    if (known === undefined)
      logger.error({ err: unwrapResolverError(error), errorId }, 'an operation failed');
    const message = production ? `Something went wrong on our side (error ${errorId}).` : formatted.message;
    const service = serviceName === undefined ? {} : { serviceName };
    return { ...formatted, message, extensions: { code: 'INTERNAL_SERVER_ERROR', ...service, errorId } };
  }

  return (formatted, error) => {
    const shown = withGraphQLPath(formatted);
    return faults.has(shown.extensions?.['code']) ? mask(shown, error) : shown;
  };
}

/** As `formatError` of Apollo Server does for queries, for the results of subscriptions. */
export function formatAll(format: ErrorFormatter, errors: readonly GraphQLError[]): GraphQLFormattedError[] {
  return errors.map((error) => format(error.toJSON(), error));
}

/**
 * When a whole fetch failed, the executor's path holds `@` for "each element of the list". That is not a path of
 * GraphQL's (spec, section 7.1.2): it is cut before, at the list itself; an empty one is left out.
 */
function withGraphQLPath({ path, ...formatted }: GraphQLFormattedError): GraphQLFormattedError {
  if (!path) return formatted;
  const each = path.indexOf('@');
  const cut = each === -1 ? path : path.slice(0, each);
  return cut.length === 0 ? formatted : { ...formatted, path: cut };
}
