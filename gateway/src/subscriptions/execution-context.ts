import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import type { ExecutionContext, Generation } from '../federation/generation.ts';
import type { RequestContext } from '../requests/context.ts';
import type { Operation } from './operation.ts';

type Cache = GatewayGraphQLRequestContext['cache'];

/** The executor's request context, which Apollo Server makes for queries, for an operation outside of its pipeline. */
export function executionContext(
  operation: Operation,
  generation: Generation,
  context: RequestContext,
): ExecutionContext {
  return {
    request: { query: operation.source, variables: operation.variables },
    schema: generation.schema,
    schemaHash: '' as ExecutionContext['schemaHash'],
    context,
    cache: noCache,
    queryHash: operation.hash,
    document: operation.document,
    source: operation.source,
    operationName: operation.definition.name?.value ?? null,
    operation: operation.definition,
    metrics: {},
    logger: silent,
    overallCachePolicy: undefined,
  };
}

const noCache: Cache = {
  get: async () => undefined,
  set: async () => undefined,
  delete: async () => undefined,
};

/** What the executor would log here it also answers as an error. */
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
