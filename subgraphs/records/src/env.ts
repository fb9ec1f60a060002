import { clickHouseEnvironment } from '@lyceum/clickhouse';
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
  ...clickHouseEnvironment,
  PORT: port(4105),
  /** Seconds that a query may take in ClickHouse before it is given up. */
  QUERY_SECONDS: z.coerce.number().int().min(1).max(300).default(10),
  /** MiB of statements that a search for words may read before it is given up. */
  SEARCH_MIB: z.coerce.number().int().min(1).max(1_048_576).default(2_048),
};

export type Env = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source);
}
