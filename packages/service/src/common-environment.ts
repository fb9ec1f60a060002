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

/** What identity, and what keeps credentials of other stores, seals with at rest. Production refuses the default. */
export const developmentKeyEncryptionSecret = 'lyceum-development-only';

/** For a service that keeps, or uses, what an organisation forwards its learning records with (records, the LRS). */
export const forwardingEnvironment = {
  /** Encrypts the credentials at rest and on the log; the same in both. */
  KEY_ENCRYPTION_SECRET: z
    .string()
    .min(16, 'must have at least 16 characters')
    .default(developmentKeyEncryptionSecret),
  /** Whether statements may be forwarded to this machine, and into private networks. */
  STORE_FORWARDING_ALLOW_PRIVATE: z
    .enum(['0', '1'])
    .default('0')
    .transform((value) => value === '1'),
};

/** What is wrong with these in production. */
export function forwardingFaults(env: { NODE_ENV: string; KEY_ENCRYPTION_SECRET: string }) {
  if (env.NODE_ENV !== 'production' || env.KEY_ENCRYPTION_SECRET !== developmentKeyEncryptionSecret)
    return [];
  const reason = 'must be set to a secret of your own in production, the same as in identity';
  return [{ variable: 'KEY_ENCRYPTION_SECRET', reason }];
}
