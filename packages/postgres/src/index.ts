export { serviceDatabaseUrl, ensureDatabase } from './database.ts';
export { migrate } from './migrate.ts';
export { openDatabase, type Database } from './open-database.ts';
export { isUniqueViolation } from './database-errors.ts';
export { transactionLimits } from './transaction-limits.ts';
