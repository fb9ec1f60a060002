/** What is needed of a WebSocket of the package ws. */
interface Pinged {
  ping(): void;
  terminate(): void;
}

/** Finds sockets whose other end has vanished without a goodbye. */
export interface Heartbeats<Socket extends Pinged> {
  add(socket: Socket): void;
  /** Something came from it: a sign of life. */
  heard(socket: Socket): void;
  remove(socket: Socket): void;
  stop(): void;
}

/** Sockets are pinged in so many groups, so that ten thousand of them do not hold up everything else at one instant. */
const groups = 12;

/**
 * Pings each socket once in `everyMs`, and cuts it where nothing came from it since the last ping: twice that time after
 * it vanished at the latest.
 */
export function createHeartbeats<Socket extends Pinged>(everyMs: number): Heartbeats<Socket> {
  const members = Array.from({ length: groups }, () => new Set<Socket>());
  const groupOf = new Map<Socket, Set<Socket>>();
  const silent = new Set<Socket>();
  let added = 0;
  let turn = 0;

  function beat(): void {
    for (const socket of members[turn++ % groups] ?? []) {
      if (silent.has(socket)) socket.terminate();
      else socket.ping();
      silent.add(socket);
    }
  }

  const timer = setInterval(beat, everyMs / groups);
  timer.unref();

  return {
    add(socket) {
      const group = members[added++ % groups]?.add(socket);
      if (group) groupOf.set(socket, group);
    },
    heard(socket) {
      silent.delete(socket);
    },
    remove(socket) {
      groupOf.get(socket)?.delete(socket);
      groupOf.delete(socket);
      silent.delete(socket);
    },
    stop() {
      clearInterval(timer);
    },
  };
}
