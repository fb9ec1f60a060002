import { randomUUID } from 'node:crypto';
import type { HttpServer, Viewer } from '@lyceum/service';
import { GraphQLError, type FormattedExecutionResult, type GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { SubgraphOptions } from './subgraph.ts';
import { viewerOf } from './authenticate.ts';
import { formatGraphQLError } from './format-error.ts';
import type { RequestContext } from './request-context.ts';
import { subscribePerEvent } from './subscribe.ts';

const largestMessage = 256 * 1024;

/**
 * Serves subscriptions over graphql-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md) at /graphql.
 * The access token comes in the connection's payload: `{ authorization: 'Bearer …' }`.
 */
export function serveSubscriptions<Context extends RequestContext>(
  options: SubgraphOptions<Context> & { server: HttpServer; schema: GraphQLSchema },
): void {
  const { server, schema, verifier } = options;
  const sockets = new WebSocketServer({
    server: server.server,
    path: '/graphql',
    maxPayload: largestMessage,
  });
  const format = formatGraphQLError(options);
  const live = useServer<ConnectionPayload, ConnectionExtra>(
    {
      schema,
      onConnect: async (connection) => {
        try {
          connection.extra.viewer = await viewerOf(verifier, connection.connectionParams?.authorization);
          return true;
        } catch (error) {
          // The socket is closed with 4403 Forbidden; the gateway in front has said why already.
          if (error instanceof GraphQLError) return false;
          throw error;
        }
      },
      context: (connection) => options.context(requestOf(connection.extra)),
      subscribe: (args) =>
        subscribePerEvent(args, () => options.context(requestOfContext(args.contextValue))),
      onNext: (_context, _id, _payload, _args, result) => withFormattedErrors(result, format),
    },
    sockets,
  );
  server.addHook('preClose', async () => {
    await live.dispose();
  });
}

interface ConnectionPayload extends Record<string, unknown> {
  authorization?: string;
}

interface ConnectionExtra extends Record<PropertyKey, unknown> {
  viewer: Viewer | null;
}

function requestOf(extra: Partial<ConnectionExtra>) {
  return { viewer: extra.viewer ?? null, requestId: randomUUID() };
}

/** The same viewer and request, for one event of a subscription. */
function requestOfContext(context: unknown) {
  const { viewer, requestId } = context as RequestContext;
  return { viewer, requestId };
}

type Formatter = ReturnType<typeof formatGraphQLError>;

/** Errors of a subscription leave as those of a query do; undefined keeps a result that has none as it is. */
function withFormattedErrors(
  { data, errors }: { readonly data?: unknown; readonly errors?: readonly GraphQLError[] | undefined },
  format: Formatter,
): FormattedExecutionResult | undefined {
  if (!errors) return undefined;
  const formatted = errors.map((error) => format(error.toJSON(), error));
  return { data: (data ?? null) as Record<string, unknown> | null, errors: formatted };
}
