import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { clientOfMessage, closeSockets, type HttpServer, type Metrics } from '@lyceum/service';
import { GraphQLError } from 'graphql';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols, type ConnectionInitMessage } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { authorizationOf } from '../access/authorization-of.ts';
import { graphqlPath } from '../requests/graphql-route.ts';
import { closeCodes, closeReason } from './close-codes.ts';
import {
  createConnection,
  type Connection,
  type ConnectionOptions,
  type ConnectionSink,
} from './connection.ts';
import { createHeartbeats } from './heartbeats.ts';
import type { Guest, Presence } from './presence.ts';
import { createProtocolSocket } from './protocol-socket.ts';
import { createSocketWriter } from './socket-writer.ts';
import { retryAfterSeconds, tooManyConnections } from './too-many-connections.ts';

const largestMessage = 1024 * 1024;

export interface WebSocketOptions extends ConnectionOptions {
  readonly server: HttpServer;
  readonly presence: Presence;
  readonly metrics: Metrics;
  readonly trustedProxies?: readonly string[];
}

/** Subscriptions, queries and mutations over graphql-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). */
export function serveWebSockets(options: WebSocketOptions): void {
  const { server, limits } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessage,
    autoPong: false,
    // A client that offers only others is let in, to be told with which code it is closed: refused at the handshake,
    // it would see no more than that.
    handleProtocols: (offered) => handleProtocols(offered) || (offered.values().next().value ?? false),
  });
  const heartbeats = createHeartbeats<WebSocket>(limits.heartbeatMs);
  const serve = socketServer(options, heartbeats);
  upgradeAt(options, (request, socket, head, guest) => {
    sockets.handleUpgrade(request, socket, head, (client) => {
      serve(client, request, guest);
    });
  });
  server.addHook('preClose', async () => {
    heartbeats.stop();
    await closeSockets(sockets, () => goodbye(sockets));
  });
}

async function goodbye(sockets: WebSocketServer): Promise<void> {
  for (const client of sockets.clients) client.close(closeCodes.goingAway, 'Going away');
  await new Promise((closed) => {
    sockets.close(closed);
  });
}

function socketServer(options: WebSocketOptions, heartbeats: ReturnType<typeof createHeartbeats<WebSocket>>) {
  const { limits, logger } = options;
  const closings = options.metrics.counter({
    name: 'lyceum_gateway_sockets_closed_total',
    help: "Clients' sockets that have closed, by close code; 1006 without a closing frame.",
    labelNames: ['code'],
  });

  return (socket: WebSocket, request: IncomingMessage, guest: Guest) => {
    const writer = createSocketWriter(socket, {
      limit: limits.waitingBytes,
      onOverflow: () => {
        socket.close(closeCodes.slowConsumer, closeReason('The client reads too slowly. Subscribe again.'));
      },
    });
    const client = clientOfMessage(request, options.trustedProxies);
    const protocol = createProtocolSocket({
      socket,
      writer,
      initialisationMs: limits.initialisationMs,
      connect: (params, sink) => connect(options, { socket, guest, client, params, sink }),
      onFault: (error) => {
        logger.error({ err: error }, 'a message on a socket could not be handled');
      },
    });
    // What breaks the rules of WebSocket is answered by ws, with the code that it has for it, and then closed.
    socket.on('error', (error) => {
      logger.debug({ err: error }, 'a socket failed');
    });
    socket.on('message', (message: Buffer) => {
      heartbeats.heard(socket);
      void protocol.receive(message.toString());
    });
    socket.on('pong', () => {
      heartbeats.heard(socket);
    });
    socket.on('ping', (payload: Buffer) => {
      heartbeats.heard(socket);
      writer.answer((sent) => {
        socket.pong(payload, false, sent);
      });
    });
    socket.once('close', (code) => {
      closings.inc({ code: labelOf(code) });
      heartbeats.remove(socket);
      protocol.closed();
      guest.leave();
    });
    heartbeats.add(socket);
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL)
      socket.close(closeCodes.subprotocolNotAcceptable, 'Subprotocol not acceptable');
  };
}

interface Arriving {
  readonly socket: WebSocket;
  readonly guest: Guest;
  readonly client: ReturnType<typeof clientOfMessage>;
  readonly params: ConnectionInitMessage['payload'];
  readonly sink: ConnectionSink;
}

/** Undefined where they do not come in; then the socket is closed. */
async function connect(options: WebSocketOptions, arriving: Arriving): Promise<Connection | undefined> {
  const { access, limits } = options;
  const { socket, guest, client, params, sink } = arriving;
  const close = (code: number, reason: string) => {
    socket.close(code, closeReason(reason));
  };
  try {
    const credentials = await access.authenticate(authorizationOf(params));
    // Whoever hung up meanwhile needs no session, and would leave its timer behind.
    if (socket.readyState !== socket.OPEN) return undefined;
    if (!guest.identify(credentials.viewer)) {
      close(closeCodes.tooManyConnections, tooManyConnections('user', limits.connectionsPerUser).message);
      return undefined;
    }
    const over = (reason: string) => {
      close(closeCodes.forbidden, reason);
    };
    return createConnection(options, { credentials, client, sink, over });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const isRefusal = error.extensions['code'] === 'UNAUTHENTICATED';
    close(isRefusal ? closeCodes.forbidden : closeCodes.tryAgainLater, error.message);
    return undefined;
  }
}

/** A client may close with any code it likes: labels are few. */
function labelOf(code: number): string {
  const known = new Set<number>([1000, 1006, 1007, 1009, ...Object.values(closeCodes)]);
  return known.has(code) ? String(code) : 'other';
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, guest: Guest) => void;

function upgradeAt({ server, presence, limits, trustedProxies }: WebSocketOptions, upgrade: Upgrade): void {
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that resets its connection is no fault of ours; unheard, the error would end the process.
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== graphqlPath) {
      refuse(socket, '404 Not Found');
      return;
    }
    const guest = presence.enter('websocket', clientOfMessage(request, trustedProxies).address);
    if (!guest) {
      const { message } = tooManyConnections('address', limits.connectionsPerAddress);
      refuse(socket, '429 Too Many Requests', `Retry-After: ${retryAfterSeconds}`, message);
      return;
    }
    // Also where the handshake is refused, and no WebSocket comes of it.
    socket.once('close', () => {
      guest.leave();
    });
    upgrade(request, socket, head, guest);
  });
}

function refuse(socket: Duplex, status: string, header?: string, text = ''): void {
  const headers = [
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
    ...(header ? [header] : []),
  ];
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n${text}`);
}
