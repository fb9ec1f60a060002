import { commonEnvironment, databaseEnvironment, parseEnvironment } from '@lyceum/service';

/** @throws EnvironmentError that names every faulty variable. */
export function readAuditEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment({ ...commonEnvironment, ...databaseEnvironment }, source);
}
