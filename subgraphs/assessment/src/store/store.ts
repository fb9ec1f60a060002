import { outboxStore, sqlOn } from '@lyceum/events';
import { groupMemberStore } from '@lyceum/events/groups';
import { transactionLimits } from '@lyceum/postgres';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { answerKeyStore } from './answer-keys.ts';
import { assessmentStore } from './assessments.ts';
import { attemptStore } from './attempts.ts';
import { courseStore } from './courses.ts';
import { enrolmentStore } from './enrolments.ts';
import { questionStore } from './questions.ts';
import { responseStore } from './responses.ts';

/** What a query runs on: the client, or a transaction of it. */
export type Connection = Prisma.TransactionClient;

/** Everything that assessment keeps. */
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
    assessments: assessmentStore(connection),
    questions: questionStore(connection),
    answerKeys: answerKeyStore(connection),
    attempts: attemptStore(connection),
    responses: responseStore(connection),
    courses: courseStore(connection),
    enrolments: enrolmentStore(connection),
    groupMembers: groupMemberStore(sql),
    outbox: outboxStore(sql),
    /** For what the answers about people say themselves (personal-tables.ts). */
    sql,
  };
}
