/** Plain SQL in the caller's transaction, with `$1`, `$2` ... */
export interface Sql {
  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /** Answers how many rows it changed. */
  execute(text: string, values: readonly unknown[]): Promise<number>;
}

/** What of a Prisma client, or of a transaction of it, runs plain SQL. */
interface RawClient {
  $queryRawUnsafe<Rows>(text: string, ...values: unknown[]): PromiseLike<Rows>;
  $executeRawUnsafe(text: string, ...values: unknown[]): PromiseLike<number>;
}

export function sqlOn(client: RawClient): Sql {
  return {
    query: async (text, values) => client.$queryRawUnsafe(text, ...values),
    execute: async (text, values) => client.$executeRawUnsafe(text, ...values),
  };
}
