import type { GraphQLDataSource } from '@apollo/gateway';
import type { GatewayGraphQLResponse } from '@apollo/server-gateway-interface';
import { clientHeader, sealClient, type Logger } from '@lyceum/service';
import { OperationTypeNode } from 'graphql';
import type { RequestContext } from '../requests/context.ts';
import { renameInputs, renameOutputs, rewritesOf, type FetchRewrites } from '../planner/fetch-rewrites.ts';
import type { Flights } from './flights.ts';
import type { SubgraphClient } from './subgraph-client.ts';
import { distinctRequest } from './representations.ts';
import { SubgraphError } from './subgraph-error.ts';
import type { FetchObserver } from './fetch-metrics.ts';

type Response = GatewayGraphQLResponse;

/**
 * How the gateway's executor reaches one subgraph: over a pool of connections, identical reads sharing one fetch,
 * and the primary fetch of a subscription answered by the event at hand.
 */
export function createDataSource(options: {
  client: SubgraphClient;
  flights: Flights;
  observe: FetchObserver;
  /** Signs what a write tells of its client; without it, it tells nothing. */
  gatewaySecret: string | undefined;
  logger: Logger;
}): GraphQLDataSource<RequestContext> {
  const { client, flights, observe, gatewaySecret, logger } = options;

  async function fetchShared(body: string, context: RequestContext): Promise<string> {
    // The request id is left out of the key: it changes what is logged, never what is answered.
    const key = `${context.authorization ?? ''}\n${client.url}\n${body}`;
    return flights.join(key, () => client.post(body, headersFor(context)), context.notBefore);
  }

  async function write(body: string, context: RequestContext): Promise<string> {
    // A read tells nothing of its client, or each would be a fetch of its own; what is audited is a write.
    const sealed = gatewaySecret ? { [clientHeader]: sealClient(context.client, gatewaySecret) } : {};
    try {
      return await client.post(body, { ...headersFor(context), ...sealed });
    } finally {
      flights.forget();
    }
  }

  return {
    async process(source) {
      const { query = '', variables, operationName } = source.request;
      // Nothing but operations comes here: health checks and schema loading by the gateway are not used.
      const context = source.context as RequestContext;
      const rewrites = 'document' in source ? rewritesOf(source.document) : undefined;
      if (query.startsWith('subscription')) return answerOfEvent(context, rewrites);
      if (rewrites) renameInputs(variables, rewrites);
      const { body, restore } = distinctRequest({ query, variables, operationName });
      const mayShare =
        'incomingRequestContext' in source && !isMutation(source.incomingRequestContext.operation);
      const landed = observe(client.name);
      try {
        const text = await (mayShare ? fetchShared(body, context) : write(body, context));
        const response = restore(read(text, client));
        if (rewrites) renameOutputs(response, rewrites);
        landed(response.errors ? 'errors' : 'ok');
        return response;
      } catch (error) {
        landed(error instanceof SubgraphError && error.isRefused ? 'refused' : 'failed');
        return failure(error, client.name, logger);
      }
    },
  };
}

/** A copy where something in it is renamed: an event may be that of many. */
function answerOfEvent({ event }: RequestContext, rewrites: FetchRewrites | undefined): Response {
  if (!event || !rewrites) return event ?? { data: null };
  const own = structuredClone(event);
  renameOutputs(own, rewrites);
  return own;
}

function isMutation(operation: { operation: OperationTypeNode }): boolean {
  return operation.operation === OperationTypeNode.MUTATION;
}

function headersFor(context: RequestContext): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
    'x-request-id': context.requestId,
  };
  if (context.authorization !== undefined) headers['authorization'] = context.authorization;
  return headers;
}

function read(text: string, client: SubgraphClient): Response {
  try {
    const response = parse(text, client.name);
    client.read(true);
    return response;
  } catch (error) {
    client.read(false);
    throw error;
  }
}

function parse(text: string, subgraph: string): Response {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && ('data' in body || 'errors' in body))
      return body as Response;
  } catch {
    // Told below, without the text, which may hold anything.
  }
  throw new SubgraphError('SUBGRAPH_BAD_ANSWER', `The subgraph "${subgraph}" did not answer with GraphQL.`);
}

/** Answered as an error of the fetch, so that the executor gives it its path and nulls only what depends on it. */
function failure(error: unknown, subgraph: string, logger: Logger): Response {
  if (!(error instanceof SubgraphError)) throw error;
  // That it is down was said when it was found out.
  if (!error.isRefused) logger.warn({ err: error, subgraph, code: error.code }, error.message);
  return { errors: [{ message: error.message, path: [], extensions: { code: error.code } }] };
}
