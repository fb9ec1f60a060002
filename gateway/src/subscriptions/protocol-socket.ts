import type { FormattedExecutionResult } from 'graphql';
import {
  MessageType,
  parseMessage,
  stringifyMessage,
  type ConnectionInitMessage,
  type Message,
  type PingMessage,
  type SubscribeMessage,
} from 'graphql-ws';
import type { WebSocket } from 'ws';
import { authorizationOf } from '../access/authorization-of.ts';
import { resultText } from '../execution/result-text.ts';
import { closeCodes, closeReason } from './close-codes.ts';
import type { Connection, ConnectionSink } from './connection.ts';
import { renewalPong } from './renewal-pong.ts';
import type { SocketWriter } from './socket-writer.ts';

/** One client's socket, as graphql-ws's protocol has it. */
export interface ProtocolSocket {
  /** Takes a message in; a fault of ours closes the socket with 4500. */
  receive(text: string): Promise<void>;
  /** It has closed: whatever it runs is stopped. */
  closed(): void;
}

/**
 * The server's side of https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md on one socket.
 *
 * @param options.connect lets the client in, or closes the socket and answers undefined
 */
export function createProtocolSocket(options: {
  socket: WebSocket;
  writer: SocketWriter;
  initialisationMs: number;
  connect: (
    params: ConnectionInitMessage['payload'],
    sink: ConnectionSink,
  ) => Promise<Connection | undefined>;
  onFault: (error: unknown) => void;
}): ProtocolSocket {
  const { socket, writer, connect, onFault } = options;
  let initialised = false;
  let connection: Connection | undefined;
  const send = (message: Message) => writer.send(stringifyMessage(message));
  const close = (code: number, reason: string) => {
    socket.close(code, closeReason(reason));
  };
  const waiting = setTimeout(() => {
    if (!initialised) close(closeCodes.initialisationTimeout, 'Connection initialisation timeout');
  }, options.initialisationMs);
  waiting.unref();

  const sink: ConnectionSink = {
    // Written out: it is the message that there is most of.
    next: (id, payload) => writer.send(nextMessage(id, payload)),
    error: (id, payload) => writer.send(JSON.stringify({ id, type: MessageType.Error, payload })),
    complete: (id) => send({ id, type: MessageType.Complete }),
  };

  async function initialise({ payload }: ConnectionInitMessage): Promise<void> {
    if (initialised) {
      close(closeCodes.tooManyInitialisations, 'Too many initialisation requests');
      return;
    }
    initialised = true;
    clearTimeout(waiting);
    connection = await connect(payload, sink);
    if (socket.readyState !== socket.OPEN) connection?.end();
    else if (connection) await send({ type: MessageType.ConnectionAck, ...untilWhen(connection) });
  }

  async function subscribe({ id, payload }: SubscribeMessage): Promise<void> {
    if (!connection) close(closeCodes.unauthorized, 'Unauthorized');
    else if (connection.has(id)) close(closeCodes.subscriberExists, `Subscriber for ${id} already exists`);
    else await connection.start(id, payload);
  }

  async function pong({ payload }: PingMessage): Promise<void> {
    const header = authorizationOf(payload ?? {});
    const answer = header === undefined ? payload : await renewed(header);
    if (answer === undefined && header !== undefined) return;
    writer.answer(
      (sent) => void send({ type: MessageType.Pong, ...(answer ? { payload: answer } : {}) }).then(sent),
    );
  }

  /** Undefined where whoever sent it is out. */
  async function renewed(header: string): Promise<Record<string, unknown> | undefined> {
    const renewal = await connection?.renew(header);
    if (renewal?.outcome !== 'somebody-else') return renewalPong(renewal);
    close(closeCodes.forbidden, renewal.reason);
    return undefined;
  }

  async function handle(message: Message): Promise<void> {
    if (message.type === MessageType.ConnectionInit) return initialise(message);
    if (message.type === MessageType.Subscribe) return subscribe(message);
    if (message.type === MessageType.Ping) return pong(message);
    if (message.type === MessageType.Complete) connection?.stop(message.id);
    else if (message.type !== MessageType.Pong)
      close(closeCodes.badRequest, `Only a server sends "${message.type}"`);
  }

  return {
    async receive(text) {
      // What was under way when the socket was closed is not begun any more.
      if (socket.readyState !== socket.OPEN) return;
      const message = parsed(text);
      if (typeof message === 'string') {
        close(closeCodes.badRequest, message);
        return;
      }
      try {
        await handle(message);
      } catch (error) {
        onFault(error);
        close(closeCodes.internalError, 'Internal server error');
      }
    },
    closed() {
      clearTimeout(waiting);
      connection?.end();
    },
  };
}

/** Or why it is none. */
function parsed(text: string): Message | string {
  try {
    return parseMessage(text);
  } catch (error) {
    if (error instanceof SyntaxError) return 'Invalid message: it is not JSON';
    return `Invalid message: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function nextMessage(id: string, payload: FormattedExecutionResult): string {
  return `{"id":${JSON.stringify(id)},"type":"next","payload":${resultText(payload)}}`;
}

/** When a token is to be renewed, which who sent a personal access token can't know otherwise. */
function untilWhen({ credentials: { viewer } }: Connection) {
  return viewer ? { payload: { expiresAt: viewer.expiresAt.toISOString() } } : {};
}
