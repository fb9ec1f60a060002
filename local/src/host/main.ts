import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot, runService, type RunningService, type Service } from '@lyceum/service';
import { services, type ServiceName } from '../services.ts';

/** A service that shares this process, and its own port. */
interface Guest {
  readonly service: Service;
  readonly port: string;
}

// `node host/main.js <process> <service>=<port> ...`: several services in one process.
const [name = 'host', ...guests] = process.argv.slice(2);

await runService({
  name,
  async start() {
    const loaded = await Promise.all(guests.map(load));
    const running = await Promise.all(loaded.map(start));
    return {
      stop: async () => {
        await Promise.all(running.map((service) => service.stop()));
      },
    };
  },
});

async function load(argument: string): Promise<Guest> {
  const [service = '', port = '0'] = argument.split('=');
  const { bundle } = services[service as ServiceName];
  const module = (await import(pathToFileURL(join(repositoryRoot(), bundle)).href)) as { service: Service };
  return { service: module.service, port };
}

/**
 * A service parses its environment in the first, synchronous step of `start`; that is when PORT must be its own.
 * The only place that writes to the environment, since only here it is shared.
 */
function start({ service, port }: Guest): Promise<RunningService> {
  process.env['PORT'] = port;
  return service.start();
}
