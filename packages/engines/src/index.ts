export { EngineError, type EngineErrorCode } from './errors.ts';
export {
  embeddedPostgresUrl,
  startPostgres,
  type PostgresOptions,
  type RunningPostgres,
} from './postgres/start.ts';
export { watchPostgres, type PostgresWatch, type PostgresWatchOptions } from './postgres/watch.ts';
export type { PostgresConfiguration } from './postgres/configuration.ts';
export { findHolder, lockDirectory, type DirectoryHolder, type DirectoryLock } from './directory-lock.ts';
export { prepareDirectory } from './data-directory.ts';
export { freePort, onFreePort, requireFreePort, type PortWish } from './port.ts';
export { identifyProcess } from './process-identity.ts';
export { clickHouseProcessEnvironment } from './clickhouse/process-environment.ts';
export {
  createClickHouseServer,
  type ClickHouseOptions,
  type RunningClickHouse,
} from './clickhouse/server.ts';
