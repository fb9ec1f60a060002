import { clientHeader, clientOf, sealClient, type HttpServer } from '@lyceum/service';
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface TokenRouteOptions {
  /** Identity's token endpoint. */
  readonly url: string;
  readonly timeoutMs: number;
  /** Signs what is told of the client. */
  readonly gatewaySecret: string;
}

export const tokenPath = '/oauth/token';

const largestBody = 16_384;
const forwarded = ['content-type', 'authorization'] as const;
const answered = ['content-type', 'cache-control', 'pragma', 'www-authenticate'] as const;

/** Identity's token endpoint (RFC 6749, 3.2), reached through the gateway: passed on as it is, and so is the answer. */
export function serveTokenRoute(server: HttpServer, options: TokenRouteOptions): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: largestBody }, (_request, body, done) => {
      done(null, body);
    });
    scope.post(tokenPath, async (request, reply) => {
      try {
        return await pass(request, reply, options);
      } catch (error) {
        request.log.warn({ err: error }, 'the token endpoint cannot be reached');
        return reply.code(503).header('cache-control', 'no-store').send({ error: 'temporarily_unavailable' });
      }
    });
  });
}

async function pass(request: FastifyRequest, reply: FastifyReply, options: TokenRouteOptions) {
  const client = clientOf(request.ip, request.headers['user-agent']);
  const headers = new Headers({
    'x-request-id': request.id,
    [clientHeader]: sealClient(client, options.gatewaySecret),
  });
  for (const name of forwarded) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  const body = typeof request.body === 'string' ? request.body : '';
  const signal = AbortSignal.timeout(options.timeoutMs);
  const response = await fetch(options.url, { method: 'POST', headers, body, signal });
  for (const name of answered) {
    const value = response.headers.get(name);
    if (value !== null) void reply.header(name, value);
  }
  return reply.code(response.status).send(await response.text());
}
