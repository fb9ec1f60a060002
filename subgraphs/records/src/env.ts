import { clickHouseEnvironment } from '@lyceum/clickhouse';
import {
  commonEnvironment,
  databaseEnvironment,
  eventLogEnvironment,
  forwardingEnvironment,
  forwardingFaults,
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
  ...clickHouseEnvironment,
  ...forwardingEnvironment,
  PORT: port(4105),
  /** Where clients reach the Learning Record Store, which takes in and gives out files; the second where the first is not set. */
  XAPI_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  LRS_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:4100'),
  /** Seconds that a query may take in ClickHouse before it is given up. */
  QUERY_SECONDS: z.coerce.number().int().min(1).max(300).default(10),
  /** MiB of statements that a search for words may read before it is given up. */
  SEARCH_MIB: z.coerce.number().int().min(1).max(1_048_576).default(2_048),
};

export type Env = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source, forwardingFaults);
}
