import { randomUUID } from 'node:crypto';
import {
  closeSockets,
  holdSameRights,
  isSameSession,
  onExpiry,
  unauthenticated,
  type HttpServer,
  type Viewer,
} from '@lyceum/service';
import {
  GraphQLError,
  type ExecutionArgs,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { SubgraphOptions } from './subgraph.ts';
import { viewerOf } from './authenticate.ts';
import { formatGraphQLError } from './format-error.ts';
import type { RequestContext } from './request-context.ts';
import { subscribePerEvent } from './subscribe.ts';

const largestMessage = 256 * 1024;
const forbidden = 4403;
const tryAgainLater = 1013;

/** The gateway in front ends its clients' subscriptions when their tokens expire: it is given the first word. */
const expiryLeewayMs = 2_000;

/**
 * Serves subscriptions over graphql-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md) at /graphql.
 * The access token comes in the connection's payload: `{ authorization: 'Bearer …' }`; the socket does not outlive it.
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

  async function connect(
    extra: Extra & Partial<Session>,
    authorization: string | undefined,
  ): Promise<boolean> {
    try {
      const viewer = await viewerOf(verifier, authorization);
      // Whoever hung up meanwhile would leave its timer behind.
      if (extra.socket.readyState !== extra.socket.OPEN) return false;
      admit(extra, viewer);
      return true;
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      // A token that is refused closes the socket with 4403; the gateway in front has said why already.
      if (error.extensions['code'] === 'UNAVAILABLE') extra.socket.close(tryAgainLater, error.message);
      return false;
    }
  }

  function admit(extra: Extra & Partial<Session>, viewer: Viewer | null): void {
    extra.viewer = viewer;
    const close = () => {
      extra.socket.close(forbidden, 'The access token has expired.');
    };
    extra.forgetExpiry = onExpiry(viewer, close, { leewayMs: expiryLeewayMs });
  }

  /**
   * The gateway shows a client's new token on the open socket (docs/decisions/0042). Where it says the same of the same
   * session, the socket lasts as long as that. Any other changes nothing: with other rights, the gateway begins anew.
   */
  async function renew(extra: Extra & Partial<Session>, authorization: string | undefined): Promise<void> {
    const next = await viewerOf(verifier, authorization).catch(() => null);
    const { viewer, socket } = extra;
    if (!viewer || !next || socket.readyState !== socket.OPEN) return;
    if (!isSameSession(viewer, next) || !holdSameRights(viewer, next)) return;
    extra.forgetExpiry?.();
    admit(extra, next);
  }

  const live = useServer<ConnectionPayload, Partial<Session>>(
    {
      schema,
      onConnect: ({ extra, connectionParams }) => connect(extra, connectionParams?.authorization),
      onPing: ({ extra }, payload) => renew(extra, authorizationIn(payload)),
      onClose: ({ extra }) => extra.forgetExpiry?.(),
      context: ({ extra }) => options.context(requestOf(extra)),
      subscribe: (args) => {
        const expired = expiredIn(args);
        if (expired) return { errors: [expired] };
        return subscribePerEvent(args, () => options.context(requestOfContext(args.contextValue)));
      },
      execute: () => ({ errors: [onlySubscriptions()] }),
      onNext: (_context, _id, _payload, _args, result) => withFormattedErrors(result, format),
      onError: (_context, _id, _payload, errors) => errors.map((error) => formatted(error, format)),
    },
    sockets,
  );
  server.addHook('preClose', () => closeSockets(sockets, () => live.dispose()));
}

interface ConnectionPayload extends Record<string, unknown> {
  authorization?: string;
}

function authorizationIn(payload: Record<string, unknown> | undefined): string | undefined {
  const authorization = payload?.['authorization'];
  return typeof authorization === 'string' ? authorization : undefined;
}

/** What is known of a socket once it has been acknowledged. */
interface Session extends Record<PropertyKey, unknown> {
  viewer: Viewer | null;
  forgetExpiry: () => void;
}

function requestOf({ viewer = null }: Partial<Session>) {
  return { viewer, requestId: randomUUID() };
}

/** The same viewer and request, for one event of a subscription. */
function requestOfContext(context: unknown) {
  const { viewer, requestId } = context as RequestContext;
  return { viewer, requestId };
}

function expiredIn({ contextValue }: ExecutionArgs): GraphQLError | undefined {
  const { viewer } = requestOfContext(contextValue);
  if (!viewer || viewer.expiresAt.getTime() > Date.now()) return undefined;
  const { message, code } = unauthenticated('The access token has expired.');
  return new GraphQLError(message, { extensions: { code } });
}

/** Over HTTP they meet Apollo Server, which checks and limits them. */
function onlySubscriptions(): GraphQLError {
  const message = 'This socket is for subscriptions: send queries and mutations over HTTP.';
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}

type Formatter = ReturnType<typeof formatGraphQLError>;

/** Errors of a subscription leave as those of a query do; undefined keeps a result that has none as it is. */
function withFormattedErrors(
  { data, errors }: { readonly data?: unknown; readonly errors?: readonly GraphQLError[] | undefined },
  format: Formatter,
): FormattedExecutionResult | undefined {
  if (!errors) return undefined;
  return {
    data: (data ?? null) as Record<string, unknown> | null,
    errors: errors.map((error) => formatted(error, format)),
  };
}

/** An error that ended the whole subscription has no path, and carries what was thrown. */
function formatted(error: GraphQLError, format: Formatter): GraphQLFormattedError {
  return format(error.toJSON(), error.path ? error : (error.originalError ?? error));
}
