import { join } from 'node:path';
import { clickHouseProcessEnvironment } from '@lyceum/engines';
import { repositoryRoot } from '@lyceum/service';
import type { ProcessLayout } from '../layout.ts';
import { services, type ServiceName } from '../services.ts';
import type { ProcessPlan } from './managed-process.ts';
import { portOf, type Addresses } from './service-environment.ts';

/**
 * How to start a process of the layout: an engine and a group of services run in a bundle of ours, a single service
 * in its own, as it would in a container.
 */
export function planProcess(
  layout: ProcessLayout,
  addresses: Addresses,
  env: NodeJS.ProcessEnv,
): ProcessPlan {
  const { name, nodeFlags, niceness } = layout;
  const [first, ...others] = layout.services;
  if (first === undefined) {
    return {
      name,
      niceness,
      nodeFlags,
      args: [],
      env: engineVariables(name, addresses, env),
      entry: ours(name),
      endedWhileStarting: false,
    };
  }
  const service = { name, niceness, nodeFlags, endedWhileStarting: true };
  if (others.length === 0) {
    const { bundle, portVariable } = services[first];
    const PORT = String(portOf(addresses, portVariable));
    return { ...service, args: [], env: { ...env, PORT }, entry: inRepository(bundle) };
  }
  const args = [name, ...layout.services.map((guest) => hosted(guest, addresses))];
  return { ...service, args, env, entry: ours('host') };
}

function engineVariables(name: string, addresses: Addresses, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (name === 'postgres') return { ...env, PORT: String(portOf(addresses, 'POSTGRES_PORT')) };
  return { ...env, ...clickHouseProcessEnvironment, PORT: String(portOf(addresses, 'CLICKHOUSE_PORT')) };
}

/** An argument of host/main.ts: `<service>=<port>`. */
function hosted(service: ServiceName, addresses: Addresses): string {
  return `${service}=${portOf(addresses, services[service].portVariable)}`;
}

const ours = (name: string) => inRepository(`local/dist/${name}/main.js`);
const inRepository = (path: string) => join(repositoryRoot(), path);
