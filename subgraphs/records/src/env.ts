import {
  commonEnvironment,
  eventLogEnvironment,
  parseEnvironment,
  port,
  tokenEnvironment,
} from '@lyceum/service';
import { z } from 'zod';

const shape = {
  ...commonEnvironment,
  ...eventLogEnvironment,
  ...tokenEnvironment,
  PORT: port(4105),
  /** ClickHouse's HTTP interface, with the database as its path; `lyceum` unless the path names another. */
  CLICKHOUSE_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      'must be a URL that begins with http:// or https://',
    )
    .default('http://localhost:4123'),
  /** Seconds that a query may take in ClickHouse before it is given up. */
  QUERY_SECONDS: z.coerce.number().int().min(1).max(300).default(10),
};

export type Env = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source);
}
