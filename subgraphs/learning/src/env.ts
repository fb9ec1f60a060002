import {
  commonEnvironment,
  databaseEnvironment,
  eventLogEnvironment,
  parseEnvironment,
  port,
  tokenEnvironment,
} from '@lyceum/service';
import { z } from 'zod';

const shape = {
  ...commonEnvironment,
  ...databaseEnvironment,
  ...eventLogEnvironment,
  ...tokenEnvironment,
  PORT: port(4103),
  /** Milliseconds to wait for an event of catalog or identity before a course or a member counts as unknown. */
  EVENT_PATIENCE_MS: z.coerce.number().int().min(0).max(10_000).default(2_000),
};

export type Env = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source);
}
