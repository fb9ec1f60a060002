import { lockDirectory, type DirectoryLock } from '@lyceum/engines';
import { refuseDemoInProduction } from './checks/credentials.ts';
import { requireUsableDirectory } from './checks/disk.ts';
import { requireGivenEngines } from './checks/engines-answer.ts';
import { awaitLeftovers } from './checks/leftovers.ts';
import { portOfOrphan } from './checks/orphan.ts';
import { requirePorts, type WantedPort } from './checks/ports.ts';
import type { DataPaths } from './data/paths.ts';
import { readRunState } from './data/run-state.ts';
import { refuseNewerData, stampVersion } from './data/version.ts';
import type { LocalEnvironment } from './env.ts';
import type { ProcessLayout } from './layout.ts';
import { services, type PortVariable } from './services.ts';

/** The data directory is ours, and every port is free. */
export interface Prepared {
  readonly lock: DirectoryLock;
  readonly ports: ReadonlyMap<PortVariable, number>;
}

/**
 * Everything that can be known to fail before anything is started, in the order that leaves most untouched: what only
 * reads first, then the data directory, then ports and engines.
 *
 * @throws StartFault, EngineError
 */
export async function prepare(
  env: LocalEnvironment,
  paths: DataPaths,
  processes: readonly ProcessLayout[],
  source: NodeJS.ProcessEnv,
): Promise<Prepared> {
  const production = env.NODE_ENV === 'production';
  refuseDemoInProduction({ production, demo: env.LYCEUM_DEMO, demoFile: paths.demo, source });
  refuseNewerData(paths.version, paths.root);
  await requireUsableDirectory(paths.root);
  const lock = await lockDirectory(paths.root, 'Lyceum');
  try {
    const before = readRunState(paths.state);
    if (before) await awaitLeftovers(before);
    const orphan = await portOfOrphan(paths.postgres);
    const ports = await requirePorts(env.HOST, wantedPorts(env, processes), orphan);
    await requireGivenEngines(env);
    stampVersion(paths.version);
    return { lock, ports };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

const enginePorts = { postgres: 'POSTGRES_PORT', clickhouse: 'CLICKHOUSE_PORT' } as const;

function wantedPorts(env: LocalEnvironment, processes: readonly ProcessLayout[]): WantedPort[] {
  return processes.flatMap(({ name, services: names }): WantedPort[] => {
    if (name === 'postgres' || name === 'clickhouse') {
      const variable = enginePorts[name];
      return [{ owner: `the embedded ${name}`, variable, port: env[variable] }];
    }
    return names.map((service) => {
      const variable = services[service].portVariable;
      return { owner: service, variable, port: env[variable] };
    });
  });
}
