import {
  commonEnvironment,
  databaseEnvironment,
  eventLogEnvironment,
  parseEnvironment,
  port,
} from '@lyceum/service';
import { z } from 'zod';

const developmentSecret = 'lyceum-development-only';

const shape = {
  ...commonEnvironment,
  ...databaseEnvironment,
  ...eventLogEnvironment,
  PORT: port(4101),
  /** Encrypts the private halves of signing keys at rest. */
  KEY_ENCRYPTION_SECRET: z.string().min(16, 'must have at least 16 characters').default(developmentSecret),
  /** Seconds that an access token lasts. */
  ACCESS_TOKEN_SECONDS: z.coerce.number().int().min(60).max(3_600).default(600),
  /** Days that an unused session lasts. */
  SESSION_DAYS: z.coerce.number().int().min(1).max(365).default(30),
};

export type Env = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source, refuseDemoInProduction);
}

function refuseDemoInProduction(env: {
  NODE_ENV: string;
  LYCEUM_DEMO: boolean;
  KEY_ENCRYPTION_SECRET: string;
}) {
  if (env.NODE_ENV !== 'production') return [];
  return [
    ...(env.KEY_ENCRYPTION_SECRET === developmentSecret
      ? [{ variable: 'KEY_ENCRYPTION_SECRET', reason: 'must be set to a secret of your own in production' }]
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
