import type { GraphQLFormattedError } from 'graphql';
import { clientHeader, sealClient, type Logger } from '@lyceum/service';
import type { RequestContext } from '../requests/context.ts';
import type { FetchObserver } from './fetch-metrics.ts';
import type { Flights } from './flights.ts';
import type { SubgraphClient } from './subgraph-client.ts';
import { SubgraphError } from './subgraph-error.ts';

/** What a subgraph answered; who asked for it owns it. */
export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

export interface SubgraphRequest {
  /** GraphQL over HTTP, as JSON. */
  readonly body: string;
  /** Whether it is part of a read, which others that ask the same with the same rights may share. */
  readonly isRead: boolean;
  readonly context: RequestContext;
}

/**
 * How the executor reaches one subgraph: over a pool of connections, identical reads sharing one fetch, and the primary
 * fetch of a subscription answered by the event at hand.
 */
export interface Subgraph {
  /** Does not reject: a subgraph that gives no GraphQL answer is an error with a code and no path. */
  fetch(request: SubgraphRequest): Promise<SubgraphResponse>;
  answerOfEvent(context: RequestContext): SubgraphResponse;
}

export function createSubgraph(options: {
  client: SubgraphClient;
  flights: Flights;
  observe: FetchObserver;
  /** Signs what a write tells of its client; without it, it tells nothing. */
  gatewaySecret: string | undefined;
  logger: Logger;
}): Subgraph {
  const { client, flights, observe, gatewaySecret, logger } = options;

  function fetchShared(body: string, context: RequestContext): Promise<string> {
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
    async fetch({ body, isRead, context }) {
      const landed = observe(client.name);
      try {
        const text = await (isRead ? fetchShared(body, context) : write(body, context));
        const response = read(text, client);
        landed(response.errors ? 'errors' : 'ok');
        return response;
      } catch (error) {
        landed(error instanceof SubgraphError && error.isRefused ? 'refused' : 'failed');
        return failure(error, client.name, logger);
      }
    },
    // A copy: an event may be that of many, and what is fetched for it is put into it.
    answerOfEvent: ({ event }) => (event ? structuredClone(event) : { data: null }),
  };
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

function read(text: string, client: SubgraphClient): SubgraphResponse {
  try {
    const response = parse(text, client.name);
    client.read(true);
    return response;
  } catch (error) {
    client.read(false);
    throw error;
  }
}

function parse(text: string, subgraph: string): SubgraphResponse {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && ('data' in body || 'errors' in body))
      return body as SubgraphResponse;
  } catch {
    // Told below, without the text, which may hold anything.
  }
  throw new SubgraphError('SUBGRAPH_BAD_ANSWER', `The subgraph "${subgraph}" did not answer with GraphQL.`);
}

/** Answered as an error of the fetch, so that the executor gives it its path and nulls only what depends on it. */
function failure(error: unknown, subgraph: string, logger: Logger): SubgraphResponse {
  if (!(error instanceof SubgraphError)) throw error;
  // That it is down was said when it was found out.
  if (!error.isRefused) logger.warn({ err: error, subgraph, code: error.code }, error.message);
  return { errors: [{ message: error.message, path: [], extensions: { code: error.code } }] };
}
