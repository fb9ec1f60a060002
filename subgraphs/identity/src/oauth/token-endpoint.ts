import type { HttpServer, Metrics } from '@lyceum/service';
import type { FastifyReply } from 'fastify';
import type { ApiClients } from '../domain/api-clients.ts';
import { OAuthError, type Grant } from '../domain/oauth-grant.ts';
import type { PersonalAccessTokens } from '../domain/personal-access-tokens.ts';
import { clientOf, readForm, type TokenRequest } from './token-request.ts';

const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const largestBody = 16_384;

/**
 * Where programs get access tokens: with client credentials (RFC 6749, 4.4), and for a personal access token by token
 * exchange (RFC 8693, 2.1).
 */
export function serveTokenEndpoint(
  server: HttpServer,
  services: { apiClients: ApiClients; personalAccessTokens: PersonalAccessTokens },
  metrics: Metrics,
): void {
  // Of who is unknown no organisation's audit log can tell.
  const refused = metrics.counter({
    name: 'lyceum_token_requests_refused_total',
    help: 'Requests for access tokens that were refused, by the error of RFC 6749, 5.2.',
    labelNames: ['error'],
  });
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const options = { parseAs: 'string', bodyLimit: largestBody } as const;
    scope.addContentTypeParser('*', options, (_request, body, done) => {
      done(null, body);
    });
    scope.setErrorHandler((error, request, reply) => {
      const refusal = error instanceof OAuthError ? error : unreadable(error);
      if (!refusal) throw error;
      refused.inc({ error: refusal.code });
      request.log.info({ error: refusal.code }, 'a request for an access token was refused');
      refuse(reply, refusal);
    });
    scope.post('/oauth/token', async (request, reply) => {
      const asked = readForm(request.headers['content-type'], request.body);
      const answer = await answerTo(asked, request.headers.authorization, services);
      return unkept(reply).send(answer);
    });
  });
}

async function answerTo(
  asked: TokenRequest,
  authorization: string | undefined,
  {
    apiClients,
    personalAccessTokens,
  }: { apiClients: ApiClients; personalAccessTokens: PersonalAccessTokens },
): Promise<object> {
  const grantType = asked.required('grant_type');
  if (grantType === 'client_credentials') {
    const { id, secret } = clientOf(asked, authorization);
    return answerOf(await apiClients.grant(id, secret, asked.optional('scope')));
  }
  if (grantType !== tokenExchange)
    throw new OAuthError('unsupported_grant_type', `Use client_credentials or ${tokenExchange}.`);
  if (asked.required('subject_token_type') !== accessTokenType)
    throw new OAuthError('invalid_request', `The subject_token_type must be ${accessTokenType}.`);
  const grant = await personalAccessTokens.exchange(asked.required('subject_token'), asked.optional('scope'));
  return { ...answerOf(grant), issued_token_type: accessTokenType };
}

/** RFC 6749, 5.1. */
function answerOf({ accessToken, expiresAt, scope }: Grant): object {
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1_000)),
    scope: scope.join(' '),
  };
}

/** RFC 6749, 5.2. */
function refuse(reply: FastifyReply, refusal: OAuthError): void {
  const isClient = refusal.code === 'invalid_client';
  if (isClient) void reply.header('www-authenticate', 'Basic realm="Lyceum", charset="UTF-8"');
  void unkept(reply)
    .code(isClient ? 401 : 400)
    .send({ error: refusal.code, error_description: refusal.message });
}

/** What is no refusal is the server's to answer. */
function unreadable(error: unknown): OAuthError | undefined {
  const { statusCode = 500 } = error as { statusCode?: number };
  return statusCode < 500 ? new OAuthError('invalid_request', 'The request cannot be read.') : undefined;
}

function unkept(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
}
