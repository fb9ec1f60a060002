export { serviceDatabaseUrl, ensureDatabase } from './database.ts';
export { migrate } from './migrate.ts';
export { openDatabase, type Database, type Query } from './open-database.ts';
export { isUniqueViolation } from './database-errors.ts';
export { transactionLimits } from './transaction-limits.ts';
