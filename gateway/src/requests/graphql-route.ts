import { HeaderMap, type ApolloServer, type HTTPGraphQLRequest } from '@apollo/server';
import { clientOf, type HttpServer } from '@lyceum/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.ts';
import type { KnownDocuments } from '../persisted/known-documents.ts';
import { withDocument } from '../persisted/sent-over-http.ts';
import type { RequestContext } from './context.ts';
import type { Origins } from './origins.ts';

export const graphqlPath = '/graphql';

/** Another way of answering at /graphql, tried first; true when it took the request. */
export type AlternativeAnswer = (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>;

/** GraphQL over HTTP, GET and POST (https://graphql.github.io/graphql-over-http/draft/), at /graphql. */
export function serveGraphQL(options: {
  server: HttpServer;
  apollo: ApolloServer<RequestContext>;
  access: Access;
  origins: Origins;
  documents: KnownDocuments;
  alternatives: readonly AlternativeAnswer[];
}): void {
  const { server, apollo, access, origins, documents, alternatives } = options;

  async function answer(request: FastifyRequest, reply: FastifyReply) {
    origins.allowAnswer(request, reply);
    for (const alternative of alternatives) {
      if (await alternative(request, reply)) return reply;
    }
    const httpGraphQLRequest = graphqlRequest(request, origins);
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest,
      context: async () => {
        const credentials = await access.authenticate(request.headers.authorization);
        // Here, since it is read afterwards, and what is refused is answered in the form that the client accepts.
        Object.assign(httpGraphQLRequest, withDocument(httpGraphQLRequest, documents));
        const client = clientOf(request.ip, request.headers['user-agent']);
        return { requestId: request.id, client, ...credentials };
      },
    });
    for (const [name, value] of headers) void reply.header(name, value);
    void reply.code(status ?? 200);
    // Chunked answers are those of @defer and @stream, which the gateway's executor does not do.
    return reply.send(body.kind === 'complete' ? body.string : '');
  }

  void server.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      answerUnreadable(error, request, reply);
    });
    scope.route({ method: ['GET', 'POST'], url: graphqlPath, handler: answer });
    scope.options(graphqlPath, async (request, reply) => origins.answerPreflight(request, reply));
  });
}

function graphqlRequest(request: FastifyRequest, origins: Origins): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  // Apollo Server's protection stays on: it is told that this one could not have come from a page of just anybody.
  if (request.method === 'GET' && origins.mayRead(request)) headers.set('apollo-require-preflight', '1');
  const query = request.url.indexOf('?');
  return {
    method: request.method,
    headers,
    search: query === -1 ? '' : request.url.slice(query),
    body: request.body,
  };
}

/** A body that is not JSON, or too long, is answered in GraphQL's form too. */
function answerUnreadable(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  const status = statusCode ?? 500;
  if (status >= 500) request.log.error({ err: error }, 'a request failed');
  const shown =
    status < 500 ? (message ?? 'The request cannot be read.') : 'Something went wrong on our side.';
  const code = status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR';
  void reply.code(status).send({ errors: [{ message: shown, extensions: { code } }] });
}
