export { clickHouseAddress, type ClickHouseAddress } from './address.ts';
export { createClickHouseClient, type ClickHouseClient, type ClickHouseSettings } from './client.ts';
export { ensureDatabase, untilClickHouseAnswers } from './database.ts';
export { clickHouseEnvironment } from './environment.ts';
export { migrate } from './migrate.ts';
export { ChangedMigrationError } from './changed-migration-error.ts';
