import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** A way to an engine that somebody can block, or cut. */
export interface FaultyNetwork {
  /** The address given, by this way. */
  readonly url: string;
  /** From here on nothing comes through, and nobody is told; connections stay. */
  stall(): void;
  /** Ends every connection, and takes none. */
  cut(): void;
  /** As it was. What was held up goes on. */
  heal(): void;
  close(): Promise<void>;
}

/** @param target a URL with host and port */
export async function openFaultyNetwork(target: string): Promise<FaultyNetwork> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let state: 'WHOLE' | 'STALLED' | 'CUT' = 'WHOLE';

  function join(socket: Socket, other: Socket): void {
    sockets.add(socket);
    socket.on('data', (piece) => other.write(piece));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
    if (state === 'STALLED') socket.pause();
  }

  const server = createServer((socket) => {
    if (state === 'CUT') {
      socket.destroy();
      return;
    }
    const other = connect(Number(port), hostname);
    join(socket, other);
    join(other, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url: url.toString(),
    stall() {
      state = 'STALLED';
      for (const each of sockets) each.pause();
    },
    cut() {
      state = 'CUT';
      for (const each of sockets) each.destroy();
    },
    heal() {
      state = 'WHOLE';
      for (const each of sockets) each.resume();
    },
    async close() {
      for (const each of sockets) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
