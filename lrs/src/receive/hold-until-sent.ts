import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { InFlight } from './in-flight.ts';

const released = new WeakMap<Socket, Set<() => void>>();

/**
 * Counts an answer's bytes until its client has taken them or is gone: who reads slowly holds memory too. Of answers that
 * wait for others on their connection nobody says that they close, so the connection is watched as well.
 *
 * @throws XapiError 503
 */
export function holdUntilSent(bytes: number, response: ServerResponse, inFlight: InFlight): void {
  const { socket } = response.req;
  // Whoever is gone by now gets no answer, and there will be no event of it.
  if (socket.destroyed || response.destroyed) return;
  inFlight.reserve(bytes);
  const ofSocket = released.get(socket) ?? watch(socket);
  const release = () => {
    if (ofSocket.delete(release)) inFlight.release(bytes);
  };
  ofSocket.add(release);
  response.once('close', release);
}

/** One listener a connection, however many answers it waits for. */
function watch(socket: Socket): Set<() => void> {
  const all = new Set<() => void>();
  released.set(socket, all);
  socket.once('close', () => {
    for (const release of all) release();
  });
  return all;
}
