import { Readable } from 'node:stream';
import { clientHeader, currentRequest, sealClient, type HttpServer } from '@lyceum/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { Pool } from 'undici';
import type { Access, Credentials } from '../access/access.ts';

/** Files that identity takes in and gives out, by the way that its own routes do (subgraphs/identity/src/files). */
const routes = [
  { method: 'POST', url: '/people/import' },
  { method: 'GET', url: '/people/export.csv' },
] as const;

/** What of a request, and of an answer, says what its body is; the rest is between the two who are connected. */
const forwarded = ['content-type', 'content-length'];
const answered = ['content-type', 'content-disposition', 'cache-control', 'x-content-type-options'];

const quietMs = 60_000;

export interface FilesOptions {
  /** Identity's, without a path. */
  readonly identityUrl: string;
}

/**
 * Hands files between clients and identity as streams, at whatever pace the slower of them has, so that clients know one
 * host. Who comes in is looked at as for the graph, so that a session that has ended takes out no file either; what they
 * may is identity's to say.
 */
export function forwardFiles(
  server: HttpServer,
  { identityUrl, gatewaySecret, access }: FilesOptions & { gatewaySecret: string; access: Access },
): void {
  const pool = new Pool(identityUrl, { headersTimeout: quietMs, bodyTimeout: quietMs });

  async function forward(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const credentials = await credentialsOr(reply, () => access.authenticate(request.headers.authorization));
    if (!credentials) return reply;
    const answer = await pool
      .request({
        method: request.method,
        path: request.url,
        headers: headersOf(request, credentials, gatewaySecret),
        body: request.body instanceof Readable ? request.body : null,
        signal: abandonmentOf(reply),
      })
      .catch((error: unknown) => {
        request.log.warn({ err: error }, 'identity cannot be reached for a file');
        return undefined;
      });
    if (!answer) return reply.code(503).send(unreachable);
    if (answer.statusCode >= 400) void reply.header('connection', 'close');
    for (const name of answered) {
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

const unreachable = { error: { code: 'UNAVAILABLE', message: 'This cannot be reached now. Try again.' } };

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
  secret: string,
): Record<string, string> {
  const { client } = currentRequest() ?? {};
  const headers: Record<string, string> = {
    'x-request-id': request.id,
    ...(authorization === undefined ? {} : { authorization }),
  };
  for (const name of forwarded) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return client ? { ...headers, [clientHeader]: sealClient(client, secret) } : headers;
}

/** Aborted where the client goes away before its answer is out: nothing is then read from identity for nobody. */
function abandonmentOf(reply: FastifyReply): AbortSignal {
  const abandoned = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) abandoned.abort();
  });
  return abandoned.signal;
}
