import {
  commonEnvironment,
  developmentGatewaySecret,
  eventLogEnvironment,
  gatewaySecretEnvironment,
  parseEnvironment,
  port,
  tokenEnvironment,
  workspaceFile,
} from '@lyceum/service';
import { z } from 'zod';
import { stockLimits, type Limits } from './limits/limits.ts';
import { stockLiveLimits } from './subscriptions/live-limits.ts';

const address = (fallback: string) => z.url({ protocol: /^https?$/ }).default(fallback);
const publicAddress = z.url({ protocol: /^https?$/ }).optional();
const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

const isOrigin = (text: string) =>
  URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;

const shape = {
  ...commonEnvironment,
  ...tokenEnvironment,
  ...eventLogEnvironment,
  ...gatewaySecretEnvironment,
  PORT: port(4000),
  /** The composed graph; loaded anew when the file changes. */
  SUPERGRAPH: z.string().default(() => workspaceFile('schema', 'supergraph.graphql')),
  /** Where it is asked for instead, again and again; the last one that was served is kept in LYCEUM_DATA_DIR. */
  SUPERGRAPH_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Sent to it as a bearer token. */
  SUPERGRAPH_URL_TOKEN: z.string().min(1).optional(),
  SUPERGRAPH_POLL_MS: count(10_000),
  /** The built pages: playground and start page. */
  WEB_DIR: z.string().default(() => workspaceFile('web', 'dist')),
  /** The example operations that the playground shows. */
  OPERATIONS_DIR: z.string().default(() => workspaceFile('schema', 'operations')),
  IDENTITY_URL: address('http://localhost:4101/graphql'),
  CATALOG_URL: address('http://localhost:4102/graphql'),
  LEARNING_URL: address('http://localhost:4103/graphql'),
  ASSESSMENT_URL: address('http://localhost:4104/graphql'),
  RECORDS_URL: address('http://localhost:4105/graphql'),
  /** What the start page asks for the state of the statement path, and links to on the machine of a developer. */
  LRS_URL: address('http://localhost:4100'),
  LRS_INGEST_URL: address('http://localhost:4110'),
  CLICKHOUSE_URL: address('http://localhost:4123'),
  /** Where people reach those; what is not set is not linked to in production. */
  XAPI_PUBLIC_URL: publicAddress,
  JWKS_PUBLIC_URL: publicAddress,
  CLICKHOUSE_PUBLIC_URL: publicAddress,
  /** From asking a subgraph to the last byte of its answer. */
  SUBGRAPH_TIMEOUT_MS: count(10_000),
  LIMIT_DEPTH: count(15),
  LIMIT_COST: count(20_000),
  LIMIT_TOKENS: count(5_000),
  LIMIT_SELECTIONS: count(stockLimits.selections),
  LIMIT_MUTATIONS: count(stockLimits.mutations),
  LIMIT_INTROSPECTIONS: count(stockLimits.introspections),
  /** Events that may wait for a slow subscriber before it is told to subscribe again. */
  SUBSCRIBER_CAPACITY: count(1_000),
  /** Connections that stay open (sockets, streamed answers), from one address and of one user. */
  LIMIT_CONNECTIONS_PER_ADDRESS: count(stockLiveLimits.connectionsPerAddress),
  LIMIT_CONNECTIONS_PER_USER: count(stockLiveLimits.connectionsPerUser),
  /** Operations at a time on one of them. */
  LIMIT_OPERATIONS_PER_CONNECTION: count(stockLiveLimits.operationsPerConnection),
  /** Bytes that may wait for a slow client. */
  SUBSCRIBER_BYTES: count(stockLiveLimits.waitingBytes),
  /** The proxies in front of the gateway, whose X-Forwarded-For is believed: addresses and CIDR ranges, by comma. */
  TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'must be addresses or CIDR ranges')))
    .optional(),
  /** Whose pages may ask and read the answer, beside those that the gateway serves: origins, by comma. */
  ALLOWED_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().refine(isOrigin, 'must be origins, such as https://app.example.org')))
    .optional(),
  /** A manifest of persisted operations (`npm run operations`); loaded anew when the file changes. */
  PERSISTED_OPERATIONS: z.string().optional(),
  /** Whether no other operations are accepted. */
  PERSISTED_OPERATIONS_ONLY: z.enum(['0', '1']).default('0'),
  /** Whether the schema may be asked for: yes, unless in production. */
  INTROSPECTION: z.enum(['0', '1']).optional(),
};

/** A gateway alone has no estimate of the lists of a graph that it doesn't know: cost is limited where that is asked for. */
const standaloneShape = {
  ...pickOf(shape, [
    'NODE_ENV',
    'HOST',
    'LOG_LEVEL',
    'PORT',
    'SUBGRAPH_TIMEOUT_MS',
    'LIMIT_TOKENS',
    'LIMIT_SELECTIONS',
    'LIMIT_MUTATIONS',
    'LIMIT_INTROSPECTIONS',
    'SUBSCRIBER_CAPACITY',
    'SUBSCRIBER_BYTES',
    'LIMIT_CONNECTIONS_PER_ADDRESS',
    'LIMIT_CONNECTIONS_PER_USER',
    'LIMIT_OPERATIONS_PER_CONNECTION',
    'TRUSTED_PROXIES',
    'ALLOWED_ORIGINS',
    'INTROSPECTION',
    'PERSISTED_OPERATIONS',
    'PERSISTED_OPERATIONS_ONLY',
    'SUPERGRAPH_URL_TOKEN',
    'SUPERGRAPH_POLL_MS',
  ]),
  LIMIT_DEPTH: count(30),
  LIMIT_COST: count(Number.MAX_SAFE_INTEGER),
  /** npm starts a workspace in its own folder, and says here where the person was who typed a file's name. */
  INIT_CWD: z.string().default(() => process.cwd()),
};

export type Env = ReturnType<typeof readEnv>;
export type StandaloneEnv = ReturnType<typeof readStandaloneEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return withModes(
    parseEnvironment(shape, source, (env) => [...refuseDefaultInProduction(env), ...refuseNoManifest(env)]),
  );
}

/**
 * What a gateway alone reads (standalone/standalone.ts).
 *
 * @throws EnvironmentError that names every faulty variable.
 */
export function readStandaloneEnv(source: NodeJS.ProcessEnv = process.env) {
  return withModes(parseEnvironment(standaloneShape, source, refuseNoManifest));
}

type LimitVariable = `LIMIT_${'DEPTH' | 'COST' | 'TOKENS' | 'SELECTIONS' | 'MUTATIONS' | 'INTROSPECTIONS'}`;

export function limitsOf(env: Readonly<Record<LimitVariable, number>>): Limits {
  return {
    depth: env.LIMIT_DEPTH,
    cost: env.LIMIT_COST,
    tokens: env.LIMIT_TOKENS,
    selections: env.LIMIT_SELECTIONS,
    mutations: env.LIMIT_MUTATIONS,
    introspections: env.LIMIT_INTROSPECTIONS,
  };
}

export function liveLimitsOf(
  env: Pick<
    Env,
    | 'SUBSCRIBER_BYTES'
    | 'LIMIT_CONNECTIONS_PER_ADDRESS'
    | 'LIMIT_CONNECTIONS_PER_USER'
    | 'LIMIT_OPERATIONS_PER_CONNECTION'
  >,
) {
  return {
    connectionsPerAddress: env.LIMIT_CONNECTIONS_PER_ADDRESS,
    connectionsPerUser: env.LIMIT_CONNECTIONS_PER_USER,
    operationsPerConnection: env.LIMIT_OPERATIONS_PER_CONNECTION,
    waitingBytes: env.SUBSCRIBER_BYTES,
  };
}

function withModes<E extends { NODE_ENV: string; INTROSPECTION?: '0' | '1' | undefined }>(given: E) {
  const { INTROSPECTION, ...env } = given;
  const production = env.NODE_ENV === 'production';
  return {
    ...env,
    production,
    introspection: INTROSPECTION === undefined ? !production : INTROSPECTION === '1',
  };
}

function pickOf<S extends object, K extends keyof S>(from: S, keys: readonly K[]): Pick<S, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<S, K>;
}

function refuseNoManifest(env: {
  PERSISTED_OPERATIONS?: string | undefined;
  PERSISTED_OPERATIONS_ONLY: '0' | '1';
}) {
  if (env.PERSISTED_OPERATIONS_ONLY === '0' || env.PERSISTED_OPERATIONS !== undefined) return [];
  return [
    { variable: 'PERSISTED_OPERATIONS', reason: 'must name a manifest where nothing else is accepted' },
  ];
}

function refuseDefaultInProduction(env: { NODE_ENV: string; GATEWAY_SECRET: string }) {
  if (env.NODE_ENV !== 'production' || env.GATEWAY_SECRET !== developmentGatewaySecret) return [];
  const reason = 'must be set to a secret of your own in production, the same as in identity';
  return [{ variable: 'GATEWAY_SECRET', reason }];
}
