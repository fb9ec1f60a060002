import { redactUrl } from '@lyceum/service';
import type { RunState } from './data/run-state.ts';
import type { LocalEnvironment } from './env.ts';
import { urlOf } from './supervise/service-environment.ts';
import type { System } from './system.ts';

/** What runs now, for the state file. */
export function describeSystem(env: LocalEnvironment, system: System, since: string): RunState {
  const addresses = system.addresses();
  return {
    pid: process.pid,
    since,
    publicUrl: addresses.publicUrl,
    ports: Object.fromEntries(addresses.ports),
    engines: describeEngines(env),
    services: system.layout.flatMap(({ name, services }) =>
      services.map((service) => ({ name: service, process: name, url: urlOf(addresses, service) })),
    ),
    processes: system.states(),
  };
}

function describeEngines(env: LocalEnvironment): RunState['engines'] {
  const shown = (url: string | undefined) => (url === undefined ? 'embedded' : redactUrl(url));
  return {
    PostgreSQL: shown(env.DATABASE_URL),
    ClickHouse: shown(env.CLICKHOUSE_URL),
    'event log': env.KAFKA_BROKERS === undefined ? 'embedded' : `Kafka at ${env.KAFKA_BROKERS}`,
  };
}
