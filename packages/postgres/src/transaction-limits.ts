/**
 * How long Prisma waits for a connection of the pool, and how long a transaction may take, in milliseconds. Its own
 * limits (2 s and 5 s) are met where many writers queue for one row's lock, and fail what only had to wait.
 */
export const transactionLimits = { maxWait: 10_000, timeout: 60_000 };
