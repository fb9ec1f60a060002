import { WebSocket } from 'ws';
import { eventually } from './eventually.ts';

export interface SocketMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A socket without a client library: what is sent is what stands here. */
export interface RawSocket {
  readonly socket: WebSocket;
  readonly messages: readonly SocketMessage[];
  /** Sent as JSON; a text or bytes as they are. */
  send(message: object | string | Buffer): void;
  /** The first message of this type, once it is there; of this id, where one is given. */
  message(type: string, id?: string): Promise<SocketMessage>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

export async function openSocket(
  url: string,
  protocols: string[] = ['graphql-transport-ws'],
): Promise<RawSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), protocols);
  const messages: SocketMessage[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
    });
  });
  socket.on('message', (message: Buffer) => messages.push(JSON.parse(message.toString()) as SocketMessage));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  return {
    socket,
    messages,
    closed,
    send(message) {
      const isRaw = typeof message === 'string' || Buffer.isBuffer(message);
      socket.send(isRaw ? message : JSON.stringify(message));
    },
    async message(type, id) {
      const find = () => messages.find((each) => each.type === type && (id === undefined || each.id === id));
      await eventually(`a message of the type ${type}`, () => find() !== undefined, 5_000);
      return find()!;
    },
  };
}

/** One that has been let in. */
export async function initialised(url: string, payload?: object): Promise<RawSocket> {
  const raw = await openSocket(url);
  raw.send({ type: 'connection_init', ...(payload ? { payload } : {}) });
  await raw.message('connection_ack');
  return raw;
}

export const subscribe = (id: string, query: string) => ({ id, type: 'subscribe', payload: { query } });
