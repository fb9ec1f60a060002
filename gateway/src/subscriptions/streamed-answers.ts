import { clientOf, type HttpServer } from '@lyceum/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.ts';
import type { RequestContext } from '../requests/context.ts';
import { formatAll, type ErrorFormatter } from '../requests/format-error.ts';
import type { AlternativeAnswer } from '../requests/graphql-route.ts';
import { createBacklog } from './backlog.ts';
import type { ConnectionOptions } from './connection.ts';
import { endedBecause, reasonsOf } from './ended.ts';
import { createHttpStream, type Framing, type HttpStream } from './http-stream.ts';
import { isPayload, type OperationPayload } from './operation.ts';
import type { Guest, Presence } from './presence.ts';
import { credentialsOr, refuseWith } from './refusal.ts';
import type { Results } from './run-operation.ts';
import { tooManyConnections } from './too-many-connections.ts';
import { createUpstreams } from './upstreams.ts';

/**
 * Operations whose results come one by one on an answer that stays open: a POST of JSON that accepts one of the
 * framings. A GET is not served, nor is a body that a form could send: any page could have a browser send those.
 */
export function streamedAnswers(
  options: ConnectionOptions & {
    framings: readonly Framing[];
    server: HttpServer;
    presence: Presence;
  },
): AlternativeAnswer {
  const { framings, server, presence, runner, access, format, patience, limits, logger } = options;
  const open = new Set<HttpStream>();
  // A stream never ends of itself, and closing the server would wait for it.
  server.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });

  async function stream(on: HttpStream, framing: Framing, body: OperationPayload, context: RequestContext) {
    on.begin(context.requestId);
    if (on.over) return;
    const upstreams = createUpstreams({ authorization: () => context.authorization, patience, logger });
    const link = { upstreams, backlog: createBacklog(limits.waitingBytes) };
    const results = await runner.run(body, context, link);
    if (Symbol.asyncIterator in results)
      await deliver({ stream: on, framing, results, context, access, format });
    else await on.write(framing.result({ errors: formatAll(format, results) }));
  }

  async function answer(reply: FastifyReply, framing: Framing, body: OperationPayload, guest: Guest) {
    const { request } = reply;
    // From the first moment on: who leaves while the token is verified must not leave a subscription behind.
    const on = createHttpStream(reply.raw, framing, limits.stalledMs);
    open.add(on);
    try {
      const credentials = await credentialsOr(reply, format, access);
      if (!credentials) return;
      if (!guest.identify(credentials.viewer)) {
        refuseWith(reply, format, [tooManyConnections('user', limits.connectionsPerUser)]);
        return;
      }
      reply.hijack();
      const client = clientOf(request.ip, request.headers['user-agent']);
      await stream(on, framing, body, { requestId: request.id, client, ...credentials });
    } finally {
      on.end();
      open.delete(on);
    }
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const framing = framings.find((candidate) => candidate.wantedBy(request.headers.accept ?? ''));
    const { body } = request;
    if (request.method !== 'POST' || !framing || !isPayload(body)) return false;
    const guest = presence.enter(framing.transport, request.ip);
    if (!guest) {
      refuseWith(reply, format, [tooManyConnections('address', limits.connectionsPerAddress)]);
      return true;
    }
    try {
      await answer(reply, framing, body, guest);
    } finally {
      guest.leave();
    }
    return true;
  };
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
