import { sqlOn, type Sql } from '@lyceum/events/personal-data';
import { transactionLimits } from '@lyceum/postgres';
import { contentItemStore } from './content-items.ts';
import { courseStore } from './courses.ts';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { moduleStore } from './modules.ts';
import { outboxStore } from './outbox.ts';

/** What a query runs on: the client, or a transaction of it. */
export type Connection = Prisma.TransactionClient;

/** Everything that the catalog keeps. */
export interface Store {
  readonly courses: ReturnType<typeof courseStore>;
  readonly modules: ReturnType<typeof moduleStore>;
  readonly contentItems: ReturnType<typeof contentItemStore>;
  readonly outbox: ReturnType<typeof outboxStore>;
  /** For what the answers about people say themselves (personal-tables.ts). */
  readonly sql: Sql;
}

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

function storeOn(connection: Connection): Store {
  return {
    courses: courseStore(connection),
    modules: moduleStore(connection),
    contentItems: contentItemStore(connection),
    outbox: outboxStore(connection),
    sql: sqlOn(connection),
  };
}
