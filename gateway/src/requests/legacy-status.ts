import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from './context.ts';

/** What is wrong with the operation, not with the request that carries it. */
const ofOperation = new Set<unknown>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
]);

/**
 * A client that names `application/json` alone as what it accepts is an old one, to which a status other than 200 says
 * that no GraphQL server answered: it gets 200 where the operation is at fault
 * (https://graphql.github.io/graphql-over-http/draft/#sec-application-json). To others, and of what is refused
 * (limits, rights), the status says what it is.
 */
export const legacyStatus: ApolloServerPlugin<RequestContext> = {
  async requestDidStart({ request }) {
    const accept = request.http?.headers.get('accept') ?? '';
    if (!accept.includes('application/json') || accept.includes('application/graphql-response+json')) return;
    return {
      async willSendResponse({ response: { http, body } }) {
        if (http.status !== 400 || body.kind !== 'single') return;
        const { errors = [] } = body.singleResult;
        if (errors.every(({ extensions }) => ofOperation.has(extensions?.['code']))) http.status = 200;
      },
    };
  },
};
