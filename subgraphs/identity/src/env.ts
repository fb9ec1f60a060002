import { isIP } from 'node:net';
import { mailEnvironment, mailFaults } from '@lyceum/mail';
import {
  commonEnvironment,
  databaseEnvironment,
  developmentGatewaySecret,
  developmentKeyEncryptionSecret,
  eventLogEnvironment,
  gatewaySecretEnvironment,
  longestAccessTokenSeconds,
  parseEnvironment,
  port,
} from '@lyceum/service';
import { z } from 'zod';
import { slugOfName, type Bootstrap } from './domain/bootstrap.ts';
import { emailFault, nameFault } from './domain/checked-text.ts';
import { passwordFault } from './domain/passwords.ts';

/** A text in which `faultOf` finds no fault. */
const faultless = (faultOf: (text: string) => string | undefined) =>
  z.string().check(({ value, issues }) => {
    const fault = faultOf(value);
    if (fault !== undefined) issues.push({ code: 'custom', input: value, message: fault });
  });

const domain = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;

/** As `dns.setServers` takes it. */
function isServerAddress(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, host = '', port = ''] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(text) ?? [];
  return isIP(host) !== 0 && Number(port) > 0 && Number(port) < 65_536;
}

const shape = {
  ...commonEnvironment,
  ...databaseEnvironment,
  ...eventLogEnvironment,
  ...mailEnvironment,
  ...gatewaySecretEnvironment,
  PORT: port(4101),
  /** Encrypts the private halves of signing keys at rest. */
  KEY_ENCRYPTION_SECRET: z
    .string()
    .min(16, 'must have at least 16 characters')
    .default(developmentKeyEncryptionSecret),
  /** The frontend's pages to which mails lead: `<…>/verify`, `<…>/reset-password` … Unset: PUBLIC_URL and `/account`. */
  ACCOUNT_PAGES_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** Seconds that an access token lasts. */
  ACCESS_TOKEN_SECONDS: z.coerce.number().int().min(60).max(longestAccessTokenSeconds).default(600),
  /** Seconds after its exchange in which a refresh token is exchanged once more: for two tabs of one browser. */
  REFRESH_LEEWAY_SECONDS: z.coerce.number().int().min(0).max(60).default(10),
  /** Days after which another key signs the access tokens. */
  KEY_ROTATION_DAYS: z.coerce.number().int().min(1).max(365).default(30),
  /** Days that an unused session lasts. */
  SESSION_DAYS: z.coerce.number().int().min(1).max(365).default(30),
  /** The domain that passkeys belong to; a frontend is there, or below it. Unset: that of PUBLIC_URL. */
  WEBAUTHN_RP_ID: z.string().regex(domain, 'must be a domain such as example.org').optional(),
  /** Where passkeys are used beside PUBLIC_URL: origins such as https://app.example.org, separated by commas. */
  WEBAUTHN_ORIGINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter(Boolean),
    )
    .refine(
      (origins) => origins.every(isOrigin),
      'must be origins such as https://app.example.org,https://example.org',
    ),
  /** Whether providers of single sign-on may be in a private network, or on this machine. Unset: outside production. */
  SSO_PRIVATE_ADDRESSES: z
    .enum(['0', '1'])
    .transform((value) => value === '1')
    .optional(),
  /** Who is asked for the records of domains: addresses, with a port or without, separated by commas. Unset: the machine's. */
  DNS_SERVERS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((server) => server.trim())
        .filter(Boolean),
    )
    .refine(
      (servers) => servers.every(isServerAddress),
      'must be addresses such as 192.0.2.1,192.0.2.1:5353,[2001:db8::1]:53',
    ),
  /** For how long one of them is waited for, before it is asked once more. */
  DNS_TIMEOUT_MS: z.coerce.number().int().min(100).max(30_000).default(3_000),
  /** For how many seconds an import of people is its worker's after each step; then another takes it on. */
  IMPORT_LEASE_SECONDS: z.coerce.number().int().min(1).max(600).default(15),
  /** The organisation that is made where there is none, by its name (of which its slug is made) or by its slug. */
  BOOTSTRAP_ORGANISATION: faultless(organisationFault).optional(),
  /** Its administrator. */
  BOOTSTRAP_ADMIN_EMAIL: faultless((text) => emailFault(text.trim())).optional(),
  BOOTSTRAP_ADMIN_PASSWORD: faultless(passwordFault).optional(),
  /** Who in the platform organisation gets the role PLATFORM_ADMIN, where nobody holds it. */
  PLATFORM_ADMIN_EMAIL: faultless((text) => emailFault(text.trim())).optional(),
};

export type Env = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source, (env) => [
    ...halfBootstrap(env),
    ...originsElsewhere(env),
    ...refuseDemoInProduction(env),
    ...mailFaults(env),
  ]);
}

const bootstrapVariables = [
  'BOOTSTRAP_ORGANISATION',
  'BOOTSTRAP_ADMIN_EMAIL',
  'BOOTSTRAP_ADMIN_PASSWORD',
] as const;

type BootstrapVariables = Partial<Record<(typeof bootstrapVariables)[number], string | undefined>>;

/** What the bootstrap variables say; undefined where they are not set. */
export function bootstrapOf(env: BootstrapVariables): Bootstrap | undefined {
  const [name, email, password] = bootstrapVariables.map((variable) => env[variable]);
  if (name === undefined || email === undefined || password === undefined) return undefined;
  return { name: name.trim(), slug: slugOfName(name), email: email.trim().toLowerCase(), password };
}

function organisationFault(text: string): string | undefined {
  const noSlug = 'must have a letter or a digit of ASCII, for its slug';
  return nameFault(text.trim()) ?? (slugOfName(text) === '' ? noSlug : undefined);
}

interface RelyingPartyVariables {
  readonly PUBLIC_URL: string;
  readonly WEBAUTHN_RP_ID?: string | undefined;
  readonly WEBAUTHN_ORIGINS: readonly string[];
}

/** What passkeys belong to, and where they are used (WebAuthn 3, 4: Relying Party Identifier). */
export function relyingPartyOf({ PUBLIC_URL, WEBAUTHN_RP_ID, WEBAUTHN_ORIGINS }: RelyingPartyVariables) {
  const { hostname, origin } = new URL(PUBLIC_URL);
  return { rpId: WEBAUTHN_RP_ID ?? hostname, origins: [origin, ...WEBAUTHN_ORIGINS] };
}

/** A browser lets no page use a passkey of a domain that it is not on. PUBLIC_URL need not be where the frontend is. */
function originsElsewhere(env: RelyingPartyVariables) {
  const { rpId } = relyingPartyOf(env);
  return env.WEBAUTHN_ORIGINS.filter((origin) => !`.${new URL(origin).hostname}`.endsWith(`.${rpId}`)).map(
    (origin) => ({
      variable: 'WEBAUTHN_ORIGINS',
      reason: `${origin} is not on ${rpId}, to which passkeys belong: set WEBAUTHN_RP_ID`,
    }),
  );
}

function halfBootstrap(env: BootstrapVariables) {
  const missing = bootstrapVariables.filter((variable) => env[variable] === undefined);
  if (missing.length === bootstrapVariables.length) return [];
  const reason = `not set, but another of ${bootstrapVariables.join(', ')} is: set all three, or none`;
  return missing.map((variable) => ({ variable, reason }));
}

function refuseDemoInProduction(env: {
  NODE_ENV: string;
  LYCEUM_DEMO: boolean;
  KEY_ENCRYPTION_SECRET: string;
  GATEWAY_SECRET: string;
}) {
  if (env.NODE_ENV !== 'production') return [];
  return [
    ...(env.KEY_ENCRYPTION_SECRET === developmentKeyEncryptionSecret
      ? [{ variable: 'KEY_ENCRYPTION_SECRET', reason: 'must be set to a secret of your own in production' }]
      : []),
    ...(env.GATEWAY_SECRET === developmentGatewaySecret
      ? [
          {
            variable: 'GATEWAY_SECRET',
            reason: 'must be set to a secret of your own in production, the same as in the gateway',
          },
        ]
      : []),
    ...(env.LYCEUM_DEMO
      ? [
          {
            variable: 'LYCEUM_DEMO',
            reason: 'demo accounts have known passwords and are refused in production',
          },
        ]
      : []),
  ];
}
