import type { HttpServer } from './http-server.ts';
import { StartError } from './start-error.ts';

/**
 * Listens and answers the address that clients use.
 *
 * @param remedy how another port is asked for
 * @throws StartError that names the port and the remedy, where the port is taken.
 */
export async function listen(
  server: HttpServer,
  address: { host: string; port: number },
  remedy = 'Set PORT to another one',
): Promise<string> {
  const { host, port } = address;
  try {
    return await server.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new StartError(
      `Port ${port} on ${host} is in use by another process. ${remedy}, or stop that process.`,
    );
  }
}
