/**
 * Runs one statement with `$1`, `$2` ... in the caller's transaction and gives the number of rows it changed.
 * With Prisma: `(sql, params) => tx.$executeRawUnsafe(sql, ...params)`.
 */
export type Execute = (sql: string, params: readonly string[]) => Promise<number>;
