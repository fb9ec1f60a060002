import { randomBytes } from 'node:crypto';
import type { LocalEnvironment } from '../env.ts';
import { defaultPorts, services, type PortVariable, type ServiceName } from '../services.ts';

/** Where everything is on this machine. */
export interface Addresses {
  readonly host: string;
  readonly ports: ReadonlyMap<PortVariable, number>;
  readonly publicUrl: string;
  readonly databaseUrl: string;
  readonly clickhouseUrl: string;
}

export function portOf({ ports }: Pick<Addresses, 'ports'>, variable: PortVariable): number {
  return ports.get(variable) ?? defaultPorts[variable];
}

/** Where a service is reached from this machine. */
export function urlOf(addresses: Pick<Addresses, 'ports' | 'host'>, service: ServiceName): string {
  return `http://${reachable(addresses.host)}:${portOf(addresses, services[service].portVariable)}`;
}

/** The address to connect to for an address to listen on. */
export function reachable(host: string): string {
  return ['0.0.0.0', '::', '127.0.0.1'].includes(host) ? 'localhost' : host;
}

/** Reports nothing home; every tool that we run reads one of these. */
const withoutTelemetry = { APOLLO_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1', DO_NOT_TRACK: '1' };

/** Of this run: the gateway and the services behind it are started by one supervisor, and need no other way to agree. */
const gatewaySecret = randomBytes(32).toString('base64url');

/**
 * The variables of a process: what the user set, with the address of every engine and service filled in.
 * PORT is left out; it is set for each service, since several may share a process.
 */
export function serviceEnvironment(
  env: LocalEnvironment,
  addresses: Addresses,
  source: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { PORT: _port, LYCEUM_STARTED_AT: _startedAt, ...inherited } = source;
  return {
    GATEWAY_SECRET: gatewaySecret,
    ...inherited,
    ...withoutTelemetry,
    NODE_ENV: env.NODE_ENV,
    HOST: env.HOST,
    LOG_LEVEL: env.LOG_LEVEL,
    LYCEUM_DATA_DIR: env.LYCEUM_DATA_DIR,
    LYCEUM_DEMO: env.LYCEUM_DEMO ? '1' : '0',
    PUBLIC_URL: addresses.publicUrl,
    DATABASE_URL: addresses.databaseUrl,
    CLICKHOUSE_URL: addresses.clickhouseUrl,
    JWKS_URL: `${urlOf(addresses, 'identity')}/.well-known/jwks.json`,
    IDENTITY_URL: `${urlOf(addresses, 'identity')}/graphql`,
    CATALOG_URL: `${urlOf(addresses, 'catalog')}/graphql`,
    LEARNING_URL: `${urlOf(addresses, 'learning')}/graphql`,
    ASSESSMENT_URL: `${urlOf(addresses, 'assessment')}/graphql`,
    RECORDS_URL: `${urlOf(addresses, 'records')}/graphql`,
    LRS_URL: urlOf(addresses, 'lrs-receive'),
    LRS_INGEST_URL: urlOf(addresses, 'lrs-ingest'),
  };
}
