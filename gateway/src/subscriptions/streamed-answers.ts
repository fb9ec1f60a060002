import { clientOf, type HttpServer, type Logger } from '@lyceum/service';
import type { FastifyReply } from 'fastify';
import { GraphQLError } from 'graphql';
import type { Access, Credentials } from '../access/access.ts';
import type { RequestContext } from '../requests/context.ts';
import { formatAll, type ErrorFormatter } from '../requests/format-error.ts';
import type { AlternativeAnswer } from '../requests/graphql-route.ts';
import { endedBecause, SubscriptionEnded } from './ended.ts';
import { createHttpStream, type Framing, type HttpStream } from './http-stream.ts';
import type { OperationPayload } from './operation.ts';
import type { OperationRunner, Results } from './run-operation.ts';
import { createUpstreams, type Patience } from './upstreams.ts';

/**
 * Operations whose results come one by one on an answer that stays open: a POST of JSON that accepts one of the
 * framings. A GET is not served, nor is a body that a form could send: any page could have a browser send those.
 */
export function streamedAnswers(options: {
  framings: readonly Framing[];
  server: HttpServer;
  runner: OperationRunner;
  access: Access;
  format: ErrorFormatter;
  patience: Patience;
  logger: Logger;
}): AlternativeAnswer {
  const { framings, server, runner, access, format, patience, logger } = options;
  const open = new Set<HttpStream>();
  // A stream never ends of itself, and closing the server would wait for it.
  server.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });

  async function stream(on: HttpStream, framing: Framing, body: OperationPayload, context: RequestContext) {
    on.begin(context.requestId);
    if (on.over) return;
    const upstreams = createUpstreams({ authorization: context.authorization, patience, logger });
    const results = await runner.run(body, context, upstreams);
    if (Symbol.asyncIterator in results)
      await deliver({ stream: on, framing, results, context, access, format });
    else await on.write(framing.result({ errors: formatAll(format, results) }));
  }

  return async (request, reply) => {
    const framing = framings.find((candidate) => candidate.wantedBy(request.headers.accept ?? ''));
    const { body } = request;
    if (request.method !== 'POST' || !framing || !isPayload(body)) return false;
    // From the first moment on: who leaves while the token is verified must not leave a subscription behind.
    const on = createHttpStream(reply.raw, framing);
    open.add(on);
    try {
      const credentials = await credentialsOr(reply, format, () =>
        access.authenticate(request.headers.authorization),
      );
      if (!credentials) return true;
      reply.hijack();
      const client = clientOf(request.ip, request.headers['user-agent']);
      await stream(on, framing, body, { requestId: request.id, client, ...credentials });
    } finally {
      on.end();
      open.delete(on);
    }
    return true;
  };
}

function isPayload(body: unknown): body is OperationPayload {
  return typeof body === 'object' && body !== null && 'query' in body && typeof body.query === 'string';
}

/** Where there are none, that is the answer, and nothing is streamed. */
async function credentialsOr(
  reply: FastifyReply,
  format: ErrorFormatter,
  ask: () => Promise<Credentials>,
): Promise<Credentials | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const status = error.extensions['code'] === 'UNAUTHENTICATED' ? 401 : 503;
    void reply.code(status).send({ errors: formatAll(format, [error]) });
    return undefined;
  }
}

/** Until the source ends, the token or its session does, or the reader is gone. */
async function deliver(options: {
  stream: HttpStream;
  framing: Framing;
  results: Results;
  context: RequestContext;
  access: Access;
  format: ErrorFormatter;
}): Promise<void> {
  const { stream, framing, results, context, access, format } = options;
  let refusal: string | undefined;
  const leave = () => void results.return();
  const forget = access.watch(context.viewer, (reason) => {
    refusal = reason;
    leave();
  });
  stream.onOver(leave);
  try {
    for await (const result of results) await stream.write(framing.result(result));
    if (refusal !== undefined) throw endedBecause('UNAUTHENTICATED', refusal);
  } catch (error) {
    await stream.write(framing.failure(formatAll(format, reasonsOf(error))));
  } finally {
    forget();
  }
}

function reasonsOf(error: unknown): readonly GraphQLError[] {
  if (error instanceof SubscriptionEnded) return error.errors;
  const cause = error instanceof Error ? error : new Error(String(error));
  return [new GraphQLError(cause.message, { originalError: cause })];
}
