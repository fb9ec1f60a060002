import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Of one connection, side by side: enough that requests of many small writers behind one proxy share a commit. */
const atOnce = 16;

/**
 * Answers requests of a connection that come before the ones before them are answered (RFC 9112, 9.3.2), a few at a time:
 * those behind wait, and while any does nothing more is read of the connection. Without it, who asks for thousands of pages
 * at once and reads none has them all made.
 *
 * All that are under way have been read to their end, since others came behind them: nobody waits for what is not read.
 */
export function boundPipelining(
  answer: Answer,
): (request: IncomingMessage, response: ServerResponse) => void {
  const connections = new WeakMap<Socket, Connection>();

  function begin(connection: Connection, { request, response }: Waiting): void {
    connection.underWay += 1;
    // Not once it is made: an answer that its client does not take is what weighs.
    response.once('close', () => {
      connection.underWay -= 1;
      const next = connection.waiting.shift();
      if (next !== undefined) begin(connection, next);
      if (connection.waiting.length === 0 && connection.isPaused) {
        connection.isPaused = false;
        request.socket.resume();
      }
    });
    void answer(request, response);
  }

  return (request, response) => {
    const { socket } = request;
    const connection = connections.get(socket) ?? { underWay: 0, waiting: [], isPaused: false };
    connections.set(socket, connection);
    if (connection.underWay < atOnce) {
      begin(connection, { request, response });
      return;
    }
    connection.waiting.push({ request, response });
    connection.isPaused = true;
    socket.pause();
  };
}

interface Waiting {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Connection {
  underWay: number;
  readonly waiting: Waiting[];
  isPaused: boolean;
}
