import { commonEnvironment, eventLogEnvironment, parseEnvironment } from '@lyceum/service';
import { z } from 'zod';
import { defaultPorts, type PortVariable } from './services.ts';

/** Those above 1023 that browsers and fetch refuse to connect to (https://fetch.spec.whatwg.org/#port-blocking). */
const blockedPorts = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697,
  10080,
]);

const port = (fallback: number) =>
  z.coerce
    .number('must be a port, 0 to 65535')
    .int()
    .min(0)
    .max(65_535)
    .refine((value) => !blockedPorts.has(value), 'is a port that browsers refuse: choose another')
    .default(fallback);

const ports = Object.fromEntries(
  Object.entries(defaultPorts).map(([variable, fallback]) => [variable, port(fallback)]),
) as Record<PortVariable, ReturnType<typeof port>>;

const engineUrl = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    )
    .optional();

const shape = {
  ...commonEnvironment,
  ...eventLogEnvironment,
  ...ports,
  /** Unset: the embedded PostgreSQL is started. */
  DATABASE_URL: engineUrl('postgresql:', 'postgres:'),
  /** Unset: the embedded ClickHouse is started. */
  CLICKHOUSE_URL: engineUrl('http:', 'https:'),
  PUBLIC_URL: commonEnvironment.PUBLIC_URL.unwrap().optional(),
  /** Demo accounts, key and courses; on unless this is production. */
  LYCEUM_DEMO: z.enum(['0', '1']).optional(),
  /** How long a given engine may take to answer. */
  LYCEUM_ENGINE_TIMEOUT_SECONDS: z.coerce.number('must be a number of seconds').min(1).default(30),
};

export type LocalEnvironment = ReturnType<typeof parseLocalEnvironment>;

/**
 * The environment of a system on one machine.
 *
 * @throws EnvironmentError that names every faulty variable.
 */
export function parseLocalEnvironment(source: NodeJS.ProcessEnv = process.env) {
  const env = parseEnvironment(shape, source);
  const demo = env.LYCEUM_DEMO === undefined ? env.NODE_ENV !== 'production' : env.LYCEUM_DEMO === '1';
  return { ...env, LYCEUM_DEMO: demo };
}

/** When `npm start` was given, as launch/start.mjs notes it: the build counts. Milliseconds since the epoch. */
export function startedAt(source: NodeJS.ProcessEnv = process.env): number {
  return Number(source['LYCEUM_STARTED_AT'] ?? Date.now());
}
