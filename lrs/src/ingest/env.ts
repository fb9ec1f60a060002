import { clickHouseEnvironment } from '@lyceum/clickhouse';
import {
  commonEnvironment,
  databaseEnvironment,
  eventLogEnvironment,
  forwardingEnvironment,
  forwardingFaults,
  parseEnvironment,
  port,
} from '@lyceum/service';
import { z } from 'zod';
import { s3Environment } from '../attachments/s3-environment.ts';

const shape = {
  ...commonEnvironment,
  ...databaseEnvironment,
  ...eventLogEnvironment,
  ...clickHouseEnvironment,
  ...s3Environment,
  ...forwardingEnvironment,
  /** Health and metrics. */
  PORT: port(4110),
  /** Bytes of log records that make one block at most. */
  INGEST_BLOCK_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(256 * 2 ** 20)
    .default(64 * 2 ** 20),
};

export type Env = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source, forwardingFaults);
}
