import { outboxStore, sqlOn } from '@lyceum/events';
import { transactionLimits } from '@lyceum/postgres';
import { contentItemStore } from './content-items.ts';
import { courseStore } from './courses.ts';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { moduleStore } from './modules.ts';

/** What a query runs on: the client, or a transaction of it. */
export type Connection = Prisma.TransactionClient;

/** Everything that the catalog keeps. */
export type Store = Readonly<ReturnType<typeof storeOn>>;

export interface Database extends Store {
  /** All that `work` writes, or nothing of it. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
}

export function createStore(prisma: PrismaClient): Database {
  return {
    ...storeOn(prisma),
    transaction: (work) => prisma.$transaction((tx) => work(storeOn(tx)), transactionLimits),
  };
}

function storeOn(connection: Connection) {
  const sql = sqlOn(connection);
  return {
    courses: courseStore(connection),
    modules: moduleStore(connection),
    contentItems: contentItemStore(connection),
    outbox: outboxStore(sql),
    /** For what the answers about people say themselves (personal-tables.ts). */
    sql,
  };
}
