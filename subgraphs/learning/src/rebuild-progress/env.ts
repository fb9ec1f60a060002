import { commonEnvironment, databaseEnvironment, parseEnvironment } from '@lyceum/service';
import { z } from 'zod';

const { LOG_LEVEL, PUBLIC_URL } = commonEnvironment;

const shape = {
  LOG_LEVEL,
  PUBLIC_URL,
  ...databaseEnvironment,
  /** ClickHouse's HTTP interface; the path names the database of the learning records, `lyceum` unless told. */
  CLICKHOUSE_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      'must be a URL that begins with http:// or https://',
    )
    .default('http://localhost:4123'),
};

export type RebuildEnv = ReturnType<typeof readRebuildEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readRebuildEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source);
}
