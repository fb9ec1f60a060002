import {
  commonEnvironment,
  databaseEnvironment,
  developmentGatewaySecret,
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

const developmentSecret = 'lyceum-development-only';

/** A text in which `faultOf` finds no fault. */
const faultless = (faultOf: (text: string) => string | undefined) =>
  z.string().check(({ value, issues }) => {
    const fault = faultOf(value);
    if (fault !== undefined) issues.push({ code: 'custom', input: value, message: fault });
  });

const shape = {
  ...commonEnvironment,
  ...databaseEnvironment,
  ...eventLogEnvironment,
  ...gatewaySecretEnvironment,
  PORT: port(4101),
  /** Encrypts the private halves of signing keys at rest. */
  KEY_ENCRYPTION_SECRET: z.string().min(16, 'must have at least 16 characters').default(developmentSecret),
  /** Seconds that an access token lasts. */
  ACCESS_TOKEN_SECONDS: z.coerce.number().int().min(60).max(longestAccessTokenSeconds).default(600),
  /** Seconds after its exchange in which a refresh token is exchanged once more: for two tabs of one browser. */
  REFRESH_LEEWAY_SECONDS: z.coerce.number().int().min(0).max(60).default(10),
  /** Days after which another key signs the access tokens. */
  KEY_ROTATION_DAYS: z.coerce.number().int().min(1).max(365).default(30),
  /** Days that an unused session lasts. */
  SESSION_DAYS: z.coerce.number().int().min(1).max(365).default(30),
  /** The organisation that is made where there is none, by its name (of which its slug is made) or by its slug. */
  BOOTSTRAP_ORGANISATION: faultless(organisationFault).optional(),
  /** Its administrator. */
  BOOTSTRAP_ADMIN_EMAIL: faultless((text) => emailFault(text.trim())).optional(),
  BOOTSTRAP_ADMIN_PASSWORD: faultless(passwordFault).optional(),
};

export type Env = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source, (env) => [...halfBootstrap(env), ...refuseDemoInProduction(env)]);
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
    ...(env.KEY_ENCRYPTION_SECRET === developmentSecret
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
