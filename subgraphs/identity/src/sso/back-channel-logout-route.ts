import type { HttpServer } from '@lyceum/service';
import type { FastifyReply } from 'fastify';
import { LogoutRefusedError, type BackChannelLogouts } from '../domain/sign-on/back-channel-logouts.ts';

const largestBody = 16_384;
const form = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/**
 * Where a provider says that somebody logged out there: `POST /sso/backchannel-logout/:providerId` with a form that has
 * `logout_token` (OpenID Connect Back-Channel Logout 1.0, 2.5). 200 where that was done, 400 where the token is refused,
 * and nothing may keep the answer (2.8).
 */
export function serveBackChannelLogout(
  server: HttpServer,
  { backChannelLogouts }: { backChannelLogouts: BackChannelLogouts },
): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const options = { parseAs: 'string', bodyLimit: largestBody } as const;
    scope.addContentTypeParser('*', options, (_request, body, done) => {
      done(null, body);
    });
    scope.setErrorHandler((error, request, reply) => {
      const { statusCode = 500 } = error as { statusCode?: number };
      if (!(error instanceof LogoutRefusedError) && statusCode >= 500) throw error;
      request.log.warn({ err: error }, 'a logout by a provider of single sign-on was refused');
      return refuse(reply, error as Error);
    });
    scope.post<{ Params: { providerId: string } }>(
      '/sso/backchannel-logout/:providerId',
      async (request, reply) => {
        const token = tokenIn(request.headers['content-type'], request.body);
        await backChannelLogouts.logOut(request.params.providerId, token);
        return reply.header('cache-control', 'no-store').code(200).send();
      },
    );
  });
}

/** @throws LogoutRefusedError for what is no form, or has not one token */
function tokenIn(contentType: string | undefined, body: unknown): string {
  const isForm = form.test(contentType ?? '') && typeof body === 'string';
  const [token, another] = isForm ? new URLSearchParams(body).getAll('logout_token') : [];
  if (token === undefined || another !== undefined)
    throw new LogoutRefusedError('Send a form with one logout_token.');
  return token;
}

function refuse(reply: FastifyReply, error: Error): FastifyReply {
  const description = error instanceof LogoutRefusedError ? error.message : 'The request cannot be read.';
  return reply
    .header('cache-control', 'no-store')
    .code(400)
    .send({ error: 'invalid_request', error_description: description });
}
