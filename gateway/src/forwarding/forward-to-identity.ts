import { Readable } from 'node:stream';
import { clientHeader, currentRequest, sealClient, type HttpServer } from '@lyceum/service';
import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { GraphQLError } from 'graphql';
import { Pool } from 'undici';
import type { Access, Credentials } from '../access/access.ts';

export interface ForwardingOptions {
  /** Identity's, without a path. */
  readonly identityUrl: string;
}

/** Routes of identity's that clients reach by the gateway, which they know alone. */
export interface Forwarded {
  readonly routes: readonly { readonly method: HTTPMethods; readonly url: string }[];
  /** What of a request, and of an answer, goes along; the rest is between the two who are connected. */
  readonly requestHeaders: readonly string[];
  readonly answerHeaders: readonly string[];
  /**
   * Whether who comes in is looked at as for the graph, so that a session that has ended takes nothing out and brings
   * nothing in; what they may is identity's to say. Else no token goes along.
   */
  readonly authenticated: boolean;
  /** What is answered where identity cannot be reached. */
  readonly unreachable: object | string;
}

const quietMs = 60_000;

/** Hands requests to identity and its answers back as they are: as streams, at whatever pace the slower side has. */
export function forwardToIdentity(
  server: HttpServer,
  { identityUrl, gatewaySecret, access }: ForwardingOptions & { gatewaySecret: string; access: Access },
  { routes, requestHeaders, answerHeaders, authenticated, unreachable }: Forwarded,
): void {
  const pool = new Pool(identityUrl, { headersTimeout: quietMs, bodyTimeout: quietMs });

  async function forward(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const header = authenticated ? request.headers.authorization : undefined;
    const credentials = await credentialsOr(reply, () => access.authenticate(header));
    if (!credentials) return reply;
    const answer = await pool
      .request({
        method: request.method,
        path: request.url,
        headers: headersOf(request, credentials, { names: requestHeaders, gatewaySecret }),
        body: request.body instanceof Readable ? request.body : null,
        signal: abandonmentOf(reply),
      })
      .catch((error: unknown) => {
        request.log.warn({ err: error }, 'identity cannot be reached');
        return undefined;
      });
    if (!answer) return reply.code(503).send(unreachable);
    if (answer.statusCode >= 400) void reply.header('connection', 'close');
    for (const name of answerHeaders) {
      const value = answer.headers[name];
      if (value !== undefined) void reply.header(name, value);
    }
    return reply.code(answer.statusCode).send(answer.body);
  }

  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => {
      done(null, payload);
    });
    for (const route of routes) scope.route({ ...route, handler: forward });
  });
  server.addHook('onClose', () => pool.destroy());
}

/** Undefined where they are refused, which has been answered then. */
async function credentialsOr(
  reply: FastifyReply,
  authenticate: () => Promise<Credentials>,
): Promise<Credentials | undefined> {
  try {
    return await authenticate();
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { code, http } = error.extensions as { code: string; http: { status: number } };
    await reply
      .header('connection', 'close')
      .code(http.status)
      .send({ error: { code, message: error.message } });
    return undefined;
  }
}

function headersOf(
  request: FastifyRequest,
  { authorization }: Credentials,
  { names, gatewaySecret }: { names: readonly string[]; gatewaySecret: string },
): Record<string, string> {
  const { client } = currentRequest() ?? {};
  const headers: Record<string, string> = {
    'x-request-id': request.id,
    ...(authorization === undefined ? {} : { authorization }),
  };
  for (const name of names) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return client ? { ...headers, [clientHeader]: sealClient(client, gatewaySecret) } : headers;
}

/** Aborted where the client goes away before its answer is out: nothing is then read from identity for nobody. */
function abandonmentOf(reply: FastifyReply): AbortSignal {
  const abandoned = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) abandoned.abort();
  });
  return abandoned.signal;
}
