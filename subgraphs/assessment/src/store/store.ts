import { sqlOn, type Sql } from '@lyceum/events/personal-data';
import { transactionLimits } from '@lyceum/postgres';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { answerKeyStore } from './answer-keys.ts';
import { assessmentStore } from './assessments.ts';
import { attemptStore } from './attempts.ts';
import { courseStore } from './courses.ts';
import { enrolmentStore } from './enrolments.ts';
import { groupMemberStore } from './group-members.ts';
import { outboxStore } from './outbox.ts';
import { questionStore } from './questions.ts';
import { responseStore } from './responses.ts';

/** What a query runs on: the client, or a transaction of it. */
export type Connection = Prisma.TransactionClient;

/** Everything that assessment keeps. */
export interface Store {
  readonly assessments: ReturnType<typeof assessmentStore>;
  readonly questions: ReturnType<typeof questionStore>;
  readonly answerKeys: ReturnType<typeof answerKeyStore>;
  readonly attempts: ReturnType<typeof attemptStore>;
  readonly responses: ReturnType<typeof responseStore>;
  readonly courses: ReturnType<typeof courseStore>;
  readonly enrolments: ReturnType<typeof enrolmentStore>;
  readonly groupMembers: ReturnType<typeof groupMemberStore>;
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
    assessments: assessmentStore(connection),
    questions: questionStore(connection),
    answerKeys: answerKeyStore(connection),
    attempts: attemptStore(connection),
    responses: responseStore(connection),
    courses: courseStore(connection),
    enrolments: enrolmentStore(connection),
    groupMembers: groupMemberStore(connection),
    outbox: outboxStore(connection),
    sql: sqlOn(connection),
  };
}
