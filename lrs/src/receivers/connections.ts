import type { Socket } from 'node:net';
import { isOf, type Connection, type Gone, type Receiver, type Took } from './messages.ts';

/**
 * Hands connections to receivers, each to the one that has the fewest. Until a receiver says that it took one it is kept
 * here too: receivers die, and a connection that was on its way to one that is dead goes to another. (node:cluster forgets
 * such a connection, and its client waits for ever; clients of one that was killed come back at just that moment.)
 */
export interface Connections {
  /** From a client. */
  give(socket: Socket): void;
  /** From now on the receiver takes connections. */
  add(receiver: Receiver): void;
  /** It is gone, and all that it ever said was heard. */
  remove(receiver: Receiver): void;
  /** Call it with all that a receiver says. */
  hear(receiver: Receiver, message: unknown): void;
  /** Ends those that nobody took. */
  close(): void;
}

interface Taker {
  readonly receiver: Receiver;
  readonly untaken: Map<number, Socket>;
  /** Connections that it has, or is to have. */
  count: number;
}

/** Connections that wait while no receiver runs; more are refused, as a full backlog would. */
const mostWaiting = 1_000;

export function createConnections(): Connections {
  const takers = new Map<Receiver, Taker>();
  const waiting: Socket[] = [];
  let given = 0;

  function give(socket: Socket): void {
    const taker = leastOf(takers.values());
    if (taker !== undefined) giveTo(taker, socket);
    else if (waiting.length < mostWaiting) waiting.push(socket);
    else socket.destroy();
  }

  function giveTo(taker: Taker, socket: Socket): void {
    const id = (given += 1);
    taker.untaken.set(id, socket);
    taker.count += 1;
    const message: Connection = { type: 'connection', id };
    // Where this fails the receiver is gone, and its end gives the connection to another.
    taker.receiver.send(message, socket, { keepOpen: true }, () => undefined);
  }

  return {
    give,
    add(receiver) {
      takers.set(receiver, { receiver, untaken: new Map(), count: 0 });
      for (const socket of waiting.splice(0)) give(socket);
    },
    remove(receiver) {
      const gone = takers.get(receiver);
      takers.delete(receiver);
      for (const socket of gone?.untaken.values() ?? []) give(socket);
    },
    hear(receiver, message) {
      const taker = takers.get(receiver);
      if (taker === undefined) return;
      if (isOf<Took>(message, 'took')) {
        taker.untaken.get(message.id)?.destroy();
        taker.untaken.delete(message.id);
      }
      if (isOf<Gone>(message, 'gone')) taker.count -= 1;
    },
    close() {
      for (const socket of waiting.splice(0)) socket.destroy();
      for (const { untaken } of takers.values()) for (const socket of untaken.values()) socket.destroy();
    },
  };
}

function leastOf(takers: Iterable<Taker>): Taker | undefined {
  let least: Taker | undefined;
  for (const taker of takers) if (least === undefined || taker.count < least.count) least = taker;
  return least;
}
