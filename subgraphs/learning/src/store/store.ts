import { outboxStore, sqlOn } from '@lyceum/events';
import { groupMemberStore } from '@lyceum/events/groups';
import { transactionLimits } from '@lyceum/postgres';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { courseProgressStore } from './course-progress.ts';
import { courseStore } from './courses.ts';
import { enrolmentStore } from './enrolments.ts';
import { idempotencyKeyStore } from './idempotency-keys.ts';
import { itemProgressStore } from './item-progress.ts';
import { learnerStore } from './learners.ts';
import { mailboxStore } from './mailboxes.ts';
import { moduleProgressStore } from './module-progress.ts';
import { progressStore } from './progress.ts';

/** What a query runs on: the client, or a transaction of it. */
export type Connection = Prisma.TransactionClient;

/**
 * Everything that learning keeps. Every query takes the organisation: as its first parameter, or in each of its keys
 * or rows where a batch may be of several, as a batch of the log is. Addresses belong to no organisation; and
 * `selectManyAfter`, `selectManyStale` and `deleteOwnedEvidence` walk through those of all, for work that nobody asked for.
 */
export type Store = Readonly<ReturnType<typeof storeOn>>;

export interface Database extends Store {
  /** All that `work` writes, or nothing of it. READ COMMITTED: what must not move meanwhile is locked by name. */
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
    learners: learnerStore(connection),
    mailboxes: mailboxStore(connection),
    courses: courseStore(connection),
    enrolments: enrolmentStore(connection),
    groupMembers: groupMemberStore(sql),
    idempotencyKeys: idempotencyKeyStore(connection),
    itemProgress: itemProgressStore(connection),
    moduleProgress: moduleProgressStore(connection),
    courseProgress: courseProgressStore(connection),
    progress: progressStore(connection),
    outbox: outboxStore(sql),
    /** For what the answers about people say themselves (personal-tables.ts). */
    sql,
  };
}
