import { outboxStore, sqlOn } from '@lyceum/events';
import { transactionLimits } from '@lyceum/postgres';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { forwardingRefusalStore } from './forwarding-refusals.ts';
import { statementForwardingStore } from './statement-forwardings.ts';
import { storeJobStore } from './store-jobs.ts';
import { storeRetentionStore } from './store-retentions.ts';

/** What a query runs on: the client, or a transaction of it. */
export type Connection = Prisma.TransactionClient;

/** What records keeps in PostgreSQL; what it reads of statements is in ClickHouse (store.ts). */
export type Tables = Readonly<ReturnType<typeof tablesOn>>;

export interface Database extends Tables {
  /** All that `work` writes, or nothing of it. */
  transaction<T>(work: (tables: Tables) => Promise<T>): Promise<T>;
}

export function createDatabase(prisma: PrismaClient): Database {
  return {
    ...tablesOn(prisma),
    transaction: (work) => prisma.$transaction((tx) => work(tablesOn(tx)), transactionLimits),
  };
}

function tablesOn(connection: Connection) {
  const sql = sqlOn(connection);
  return {
    storeJobs: storeJobStore(connection),
    storeRetentions: storeRetentionStore(connection),
    statementForwardings: statementForwardingStore(connection),
    forwardingRefusals: forwardingRefusalStore(connection),
    outbox: outboxStore(sql),
    /** For what the answers about people say themselves (personal-tables.ts). */
    sql,
  };
}
