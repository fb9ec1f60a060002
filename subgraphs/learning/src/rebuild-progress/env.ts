import { clickHouseEnvironment } from '@lyceum/clickhouse';
import { commonEnvironment, databaseEnvironment, parseEnvironment } from '@lyceum/service';

const { LOG_LEVEL, PUBLIC_URL } = commonEnvironment;

const shape = {
  LOG_LEVEL,
  PUBLIC_URL,
  ...databaseEnvironment,
  ...clickHouseEnvironment,
};

export type RebuildEnv = ReturnType<typeof readRebuildEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readRebuildEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source);
}
