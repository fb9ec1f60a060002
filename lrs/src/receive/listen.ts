import type { Server } from 'node:net';

/**
 * Listens, and answers the address that clients use.
 *
 * @throws Error that names the port and the variable to set, where the port is taken
 */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? portInUse(host, port) : error);
    });
    server.listen(port, host, () => {
      const bound = server.address();
      const shown = host.includes(':') ? `[${host}]` : host;
      resolve(`http://${shown}:${String(typeof bound === 'object' && bound ? bound.port : port)}`);
    });
  });
}

function portInUse(host: string, port: number): Error {
  return new Error(
    `Port ${String(port)} on ${host} is in use by another process. Set PORT to another one, or stop that process.`,
  );
}
