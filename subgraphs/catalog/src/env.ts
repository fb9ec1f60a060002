import {
  commonEnvironment,
  databaseEnvironment,
  eventLogEnvironment,
  parseEnvironment,
  port,
  tokenEnvironment,
} from '@lyceum/service';

const shape = {
  ...commonEnvironment,
  ...databaseEnvironment,
  ...eventLogEnvironment,
  ...tokenEnvironment,
  PORT: port(4102),
};

export type Env = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source);
}
