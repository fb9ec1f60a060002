export { serviceDatabaseUrl, ensureDatabase, type DatabaseLocation } from './database.ts';
export { migrate } from './migrate.ts';
export { openDatabase, type Database } from './open-database.ts';
export { isUniqueViolation, isSerializationFailure } from './database-errors.ts';
export { retryOnConflict } from './retry-on-conflict.ts';
export { sqlForSchema } from './schema-engine.ts';
