import { z } from 'zod';
import { repositoryRoot } from './workspace-file.ts';

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );

const withoutTrailingSlash = (text: string) => text.replace(/\/+$/, '');

/** A TCP port; 0 lets the system choose. */
export const port = (fallback: number) =>
  z.coerce.number('must be a port, 0 to 65535').int().min(0).max(65_535).default(fallback);

/** What every service reads. */
export const commonEnvironment = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Where people reach the platform; the base of every activity's IRI, and the issuer of tokens. */
  PUBLIC_URL: url('http:', 'https:').transform(withoutTrailingSlash).default('http://localhost:4000'),
  LYCEUM_DATA_DIR: z.string().default(() => `${repositoryRoot()}/.lyceum`),
  LYCEUM_DEMO: z
    .enum(['0', '1'])
    .default('0')
    .transform((value) => value === '1'),
};

/** For a service with a database of its own: a PostgreSQL server, `postgresql://user:password@host:port/prefix`. */
export const databaseEnvironment = {
  DATABASE_URL: url('postgresql:', 'postgres:').default('postgresql://lyceum@localhost:4132/lyceum'),
  /** As it is, where the URL does not hold it. */
  DATABASE_PASSWORD: z.string().optional(),
};

/** For a service that writes to or reads from the event log; unset brokers mean the embedded log. */
export const eventLogEnvironment = {
  KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s,]+:\d+(,[^\s,]+:\d+)*$/, 'must be a list such as kafka-1:9092,kafka-2:9092')
    .optional(),
};

/** For a service that verifies access tokens. */
export const tokenEnvironment = {
  JWKS_URL: url('http:', 'https:').default('http://localhost:4101/.well-known/jwks.json'),
};

/** Signs what the gateway tells the services of its clients; the same in both. Production refuses the default. */
export const developmentGatewaySecret = 'lyceum-development-gateway';

/** For the gateway, and for a service that asks where a request comes from. */
export const gatewaySecretEnvironment = {
  GATEWAY_SECRET: z.string().min(16, 'must have at least 16 characters').default(developmentGatewaySecret),
};
