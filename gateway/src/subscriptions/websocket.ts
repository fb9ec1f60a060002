import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { clientOfMessage, closeSockets, type Client, type HttpServer, type Logger } from '@lyceum/service';
import {
  GraphQLError,
  parse,
  type ExecutionArgs,
  type FormattedExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import type { Context, OperationResult } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Access, Credentials } from '../access/access.ts';
import { authorizationOf } from '../access/authorization-of.ts';
import type { RequestContext } from '../requests/context.ts';
import { formatAll, type ErrorFormatter } from '../requests/format-error.ts';
import { graphqlPath } from '../requests/graphql-route.ts';
import { SubscriptionEnded } from './ended.ts';
import type { OperationPayload } from './operation.ts';
import type { OperationRunner, Results } from './run-operation.ts';
import { createUpstreams, type Patience, type Upstreams } from './upstreams.ts';

type Params = Record<string, unknown>;

/** What is known of one client's socket once it has been acknowledged. */
interface Session {
  credentials: Credentials;
  client: Client;
  upstreams: Upstreams;
  /** Whether the token and its session go on. */
  stopWatching: () => void;
}

type SocketExtra = Record<PropertyKey, unknown> & { session?: Session };
type SocketContext = Context<Params, Extra & SocketExtra>;

/** A token that is refused, expires, or whose session ends, closes the socket so; stock graphql-ws clients connect again with a new one. */
const forbidden = 4403;
const tryAgainLater = 1013;
const largestMessage = 1024 * 1024;

/** Subscriptions, queries and mutations over graphql-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). */
export function serveWebSockets(options: {
  server: HttpServer;
  runner: OperationRunner;
  schema: () => GraphQLSchema;
  access: Access;
  format: ErrorFormatter;
  patience: Patience;
  production: boolean;
  trustedProxies?: readonly string[];
  logger: Logger;
}): void {
  const { server, runner, access, format, patience, production, logger } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessage });

  async function connect({ extra, connectionParams }: SocketContext): Promise<boolean> {
    try {
      const credentials = await access.authenticate(authorizationOf(connectionParams));
      // Whoever hung up meanwhile needs no session, and would leave its timer behind.
      if (extra.socket.readyState !== extra.socket.OPEN) return false;
      const stopWatching = access.watch(credentials.viewer, (reason) => {
        extra.socket.close(forbidden, reason);
      });
      const upstreams = createUpstreams({ authorization: credentials.authorization, patience, logger });
      const client = clientOfMessage(extra.request, options.trustedProxies);
      extra.session = { credentials, client, upstreams, stopWatching };
      return true;
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const isRefusal = error.extensions['code'] === 'UNAUTHENTICATED';
      extra.socket.close(isRefusal ? forbidden : tryAgainLater, error.message.slice(0, 120));
      return false;
    }
  }

  async function run({ extra }: SocketContext, payload: OperationPayload) {
    const session = sessionOf(extra);
    const { credentials, client } = session;
    const context: RequestContext = { requestId: randomUUID(), client, ...credentials };
    const results = await runner.run(payload, context, session.upstreams);
    return Symbol.asyncIterator in results ? argsFor(results, options.schema()) : results;
  }

  const live = useServer<Params, SocketExtra>(
    {
      isProd: production,
      onConnect: connect,
      onClose: ({ extra }) => {
        extra.session?.stopWatching();
      },
      onSubscribe: (context, _id, payload) => run(context, payload),
      execute: ({ contextValue }) => contextValue as OperationResult,
      onError: (_context, _id, _payload, errors) => formatAll(format, errors.flatMap(reasonsOf)),
      // Results are formatted where they are made; the library would format them again.
      onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    },
    sockets,
  );
  upgradeAt(server, sockets);
  server.addHook('preClose', () => closeSockets(sockets, () => live.dispose()));
}

const anyOperation = parse('{ __typename }');

/** The library would run what these arguments say; here they only carry the results, which are under way already. */
function argsFor(results: Results, schema: GraphQLSchema): ExecutionArgs {
  return { schema, document: anyOperation, contextValue: results };
}

function sessionOf({ session }: SocketContext['extra']): Session {
  if (!session) throw new Error('The socket was not acknowledged');
  return session;
}

/** An error that ended a subscription stands for those that it carries. */
function reasonsOf(error: GraphQLError): readonly GraphQLError[] {
  const { originalError } = error;
  return originalError instanceof SubscriptionEnded ? originalError.errors : [error];
}

function upgradeAt(server: HttpServer, sockets: WebSocketServer): void {
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that resets its connection is no fault of ours; unheard, the error would end the process.
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== graphqlPath) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });
}
