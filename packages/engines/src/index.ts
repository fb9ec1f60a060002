export { EngineError, type EngineErrorCode } from './errors.ts';
export { embeddedPostgresUrl, startPostgres, type PostgresOptions, type RunningPostgres } from './postgres/start.ts';
export type { PostgresConfiguration } from './postgres/configuration.ts';
