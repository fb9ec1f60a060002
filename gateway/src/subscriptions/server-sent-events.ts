import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { onExpiry, type HttpServer, type Logger, type TokenVerifier } from '@lyceum/service';
import { GraphQLError, type FormattedExecutionResult } from 'graphql';
import { authenticate } from '../requests/authenticate.ts';
import type { RequestContext } from '../requests/context.ts';
import { formatAll, type ErrorFormatter } from '../requests/format-error.ts';
import type { AlternativeAnswer } from '../requests/graphql-route.ts';
import { endedBecause, SubscriptionEnded } from './ended.ts';
import type { OperationPayload } from './operation.ts';
import type { OperationRunner, Results } from './run-operation.ts';
import { createUpstreams, type Patience } from './upstreams.ts';

const keepAliveMs = 12_000;

/**
 * GraphQL over server-sent events, distinct connections mode
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md): a POST of JSON that accepts text/event-stream.
 * A GET is not served: an EventSource of any page could send it.
 */
export function serverSentEvents(options: {
  server: HttpServer;
  runner: OperationRunner;
  verifier: TokenVerifier;
  format: ErrorFormatter;
  patience: Patience;
  logger: Logger;
}): AlternativeAnswer {
  const { server, runner, verifier, format, patience, logger } = options;
  const open = new Set<ServerResponse>();
  // A stream never ends of itself, and closing the server would wait for it.
  server.addHook('preClose', async () => {
    for (const response of open) complete(response);
  });

  return async (request, reply) => {
    const accepted = request.method === 'POST' && request.headers.accept?.includes('text/event-stream');
    if (!accepted || !isPayload(request.body)) return false;
    const response = reply.raw;
    try {
      const credentials = await authenticate(verifier, request.headers.authorization);
      const context: RequestContext = { requestId: request.id, ...credentials };
      const upstreams = createUpstreams({ authorization: credentials.authorization, patience, logger });
      const results = await runner.run(request.body, context, upstreams);
      reply.hijack();
      begin(response, request.id);
      open.add(response);
      response.once('close', () => open.delete(response));
      await deliver(response, results, context, format);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const status = error.extensions['code'] === 'UNAUTHENTICATED' ? 401 : 503;
      void reply.code(status).send({ errors: formatAll(format, [error]) });
    }
    return true;
  };
}

function isPayload(body: unknown): body is OperationPayload {
  return typeof body === 'object' && body !== null && 'query' in body && typeof body.query === 'string';
}

function begin(response: ServerResponse, requestId: string): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': requestId,
  });
  response.flushHeaders();
}

async function deliver(
  response: ServerResponse,
  results: Results | readonly GraphQLError[],
  { viewer }: RequestContext,
  format: ErrorFormatter,
): Promise<void> {
  const refuse = (errors: readonly GraphQLError[]) => write(response, { errors: formatAll(format, errors) });
  if (!(Symbol.asyncIterator in results)) {
    await refuse(results);
    complete(response);
    return;
  }
  const expiry = new AbortController();
  const leave = () => void results.return();
  const forget = onExpiry(viewer, () => {
    expiry.abort();
    leave();
  });
  const keepAlive = setInterval(() => {
    if (!response.writableEnded) response.write(':\n\n');
  }, keepAliveMs);
  response.once('close', leave);
  try {
    for await (const result of results) await write(response, result);
    if (expiry.signal.aborted) throw endedBecause('UNAUTHENTICATED', 'The access token has expired.');
  } catch (error) {
    await refuse(reasonsOf(error));
  } finally {
    clearInterval(keepAlive);
    forget();
    complete(response);
  }
}

function reasonsOf(error: unknown): readonly GraphQLError[] {
  if (error instanceof SubscriptionEnded) return error.errors;
  const cause = error instanceof Error ? error : new Error(String(error));
  return [new GraphQLError(cause.message, { originalError: cause })];
}

/** Waits while the client is slow, so that its events wait in the subscription's bounded queue. */
async function write(response: ServerResponse, result: FormattedExecutionResult): Promise<void> {
  if (response.destroyed || response.writableEnded) return;
  const flowing = response.write(`event: next\ndata: ${JSON.stringify(result)}\n\n`);
  if (!flowing) await Promise.race([once(response, 'drain'), once(response, 'close')]);
}

function complete(response: ServerResponse): void {
  if (!response.destroyed && !response.writableEnded) response.end('event: complete\ndata:\n\n');
}
