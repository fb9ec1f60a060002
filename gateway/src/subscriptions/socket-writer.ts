import type { WebSocket } from 'ws';

/** Writes to one client's socket, no more than it reads. */
export interface SocketWriter {
  /** Resolves once the message has left for the network, or the socket is closed. */
  send(message: string): Promise<void>;
  /** Runs what answers a ping, unless the client has not read the answers to so many before that they fill memory. */
  answer(pong: (sent: () => void) => void): void;
}

/** A client that sends pings and reads nothing is answered no more from so many on. */
const pongsUnread = 100;

/**
 * @param options.limit bytes that may wait for a client that reads slowly; with more of them nothing is added
 * @param options.onOverflow called then
 */
export function createSocketWriter(
  socket: WebSocket,
  options: { limit: number; onOverflow: () => void },
): SocketWriter {
  const { limit, onOverflow } = options;
  let pongs = 0;
  return {
    async send(message) {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > limit) {
        onOverflow();
        return;
      }
      await new Promise<void>((sent) => {
        // A failed write is followed by the socket's end, which is heard of there.
        socket.send(message, () => {
          sent();
        });
      });
    },
    answer(pong) {
      if (socket.readyState !== socket.OPEN || pongs >= pongsUnread) return;
      pongs += 1;
      pong(() => {
        pongs -= 1;
      });
    },
  };
}
