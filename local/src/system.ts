import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedPostgresUrl } from '@lyceum/engines';
import type { DataPaths } from './data/paths.ts';
import type { LocalEnvironment } from './env.ts';
import { layout, type ProcessLayout } from './layout.ts';
import type { PortVariable } from './services.ts';
import { openLogFile } from './supervise/log-file.ts';
import { createManagedProcess, type ProcessEvents } from './supervise/managed-process.ts';
import { planProcess } from './supervise/process-plans.ts';
import { portOf, reachable, serviceEnvironment, type Addresses } from './supervise/service-environment.ts';
import { createSupervisor, type Supervisor } from './supervise/supervisor.ts';

/** The whole system of one machine. */
export interface System extends Supervisor {
  readonly layout: readonly ProcessLayout[];
  /** Complete once it is started: the embedded PostgreSQL makes its password on its first start. */
  addresses(): Addresses;
}

/** Puts the processes that this environment asks for under one supervisor; nothing is started yet. */
export function createSystem(options: {
  env: LocalEnvironment;
  source: NodeJS.ProcessEnv;
  paths: DataPaths;
  ports: ReadonlyMap<PortVariable, number>;
  events: ProcessEvents;
  onLogFault(process: string, reason: string): void;
}): System {
  const { env, source, paths, ports, events } = options;
  const wanted = processesFor(env);
  let addresses = addressesOf(env, ports);
  mkdirSync(paths.logs, { recursive: true });

  async function create(entry: ProcessLayout) {
    if (entry.needs.includes('postgres') && env.DATABASE_URL === undefined) {
      const databaseUrl = await embeddedPostgresUrl(
        paths.postgres,
        portOf(addresses, 'POSTGRES_PORT'),
        'lyceum',
      );
      addresses = { ...addresses, databaseUrl };
    }
    const plan = planProcess(entry, addresses, serviceEnvironment(env, addresses, source));
    const log = openLogFile(join(paths.logs, `${entry.name}.log`), (reason) => {
      options.onLogFault(entry.name, reason);
    });
    return createManagedProcess(plan, log, events);
  }

  return { ...createSupervisor(wanted, create), layout: wanted, addresses: () => addresses };
}

/** The layout without the engines that the environment names a URL for. */
export function processesFor(
  env: Pick<LocalEnvironment, 'DATABASE_URL' | 'CLICKHOUSE_URL'>,
): ProcessLayout[] {
  return layout.filter(
    ({ name }) =>
      !(name === 'postgres' && env.DATABASE_URL !== undefined) &&
      !(name === 'clickhouse' && env.CLICKHOUSE_URL !== undefined),
  );
}

function addressesOf(env: LocalEnvironment, ports: ReadonlyMap<PortVariable, number>): Addresses {
  const local = { host: env.HOST, ports };
  const host = reachable(env.HOST);
  return {
    ...local,
    publicUrl: env.PUBLIC_URL ?? `http://${host}:${portOf(local, 'GATEWAY_PORT')}`,
    databaseUrl: env.DATABASE_URL ?? `postgresql://lyceum@localhost:${portOf(local, 'POSTGRES_PORT')}/lyceum`,
    clickhouseUrl: env.CLICKHOUSE_URL ?? `http://localhost:${portOf(local, 'CLICKHOUSE_PORT')}`,
  };
}
