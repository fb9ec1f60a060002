import type { HttpServer } from './http-server.ts';
import { StartError } from './start-error.ts';

/**
 * Listens and answers the address that clients use.
 *
 * @throws Error that names the port and the variable to set, where the port is taken.
 */
export async function listen(server: HttpServer, address: { host: string; port: number }): Promise<string> {
  try {
    return await server.listen({ host: address.host, port: address.port });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? portInUse(address) : error;
  }
}

function portInUse({ host, port }: { host: string; port: number }): Error {
  return new StartError(
    `Port ${port} on ${host} is in use by another process. Set PORT to another one, or stop that process.`,
  );
}
