import { transactionLimits } from '@lyceum/postgres';
import { sqlOn, type Sql } from '@lyceum/events/personal-data';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { attachmentStore } from './attachments.ts';
import { endedSessionStore } from './ended-sessions.ts';
import { erasedPersonStore } from './erased-people.ts';
import { ingestBlockStore } from './ingest-blocks.ts';
import { lrsKeyStore } from './lrs-keys.ts';
import { organisationStore } from './organisations.ts';
import { outboxStore } from './outbox.ts';
import { personDocumentStore } from './person-documents.ts';
import { receiverStore } from './receivers.ts';
import { sharedSecretStore } from './shared-secrets.ts';
import { statementClaimStore } from './statement-claims.ts';
import { storeJobFileStore } from './store-job-files.ts';
import { statementForwardingStore } from './statement-forwardings.ts';
import { storeJobStore } from './store-jobs.ts';

/** What a query runs on: the client, or a transaction of it. */
export type Connection = Prisma.TransactionClient;

/**
 * What the LRS keeps in its own database: copies of keys, documents, which attachments it has, how far ingest is, and
 * whom it leaves out.
 */
export interface Store {
  readonly lrsKeys: ReturnType<typeof lrsKeyStore>;
  readonly endedSessions: ReturnType<typeof endedSessionStore>;
  readonly organisations: ReturnType<typeof organisationStore>;
  readonly ingestBlocks: ReturnType<typeof ingestBlockStore>;
  readonly erasedPeople: ReturnType<typeof erasedPersonStore>;
  readonly attachments: ReturnType<typeof attachmentStore>;
  readonly personDocuments: ReturnType<typeof personDocumentStore>;
  readonly outbox: ReturnType<typeof outboxStore>;
  readonly receivers: ReturnType<typeof receiverStore>;
  readonly sharedSecrets: ReturnType<typeof sharedSecretStore>;
  readonly statementClaims: ReturnType<typeof statementClaimStore>;
  readonly statementForwardings: ReturnType<typeof statementForwardingStore>;
  readonly storeJobs: ReturnType<typeof storeJobStore>;
  readonly storeJobFiles: ReturnType<typeof storeJobFileStore>;
  /** For how far the answers about people are (packages/events, personal-data). */
  readonly sql: Sql;
}

export interface Database extends Store {
  /** All that `work` writes, or nothing of it. `connection` is for the inbox. */
  transaction<T>(work: (store: Store, connection: Connection) => Promise<T>): Promise<T>;
  /** Runs `work` while no other process does: ClickHouse has no lock to migrate under. */
  whileMigrating<T>(work: () => Promise<T>): Promise<T>;
  /** The same for rewriting statements, which has one table to put its rows in. */
  whileErasing<T>(work: () => Promise<T>): Promise<T>;
}

/** 'CH', beside the locks of packages/postgres. */
const migrationLock = 0x43_48;

/** 'ER' */
const erasureLock = 0x45_52;

const migrationLimitMs = 10 * 60_000;
const erasureLimitMs = 6 * 60 * 60_000;

export function createStore(prisma: PrismaClient): Database {
  // In this process one waits for the other here: a connection that waits for a lock is one that ingest lacks.
  let erasing: Promise<unknown> = Promise.resolve();
  return {
    ...storeOn(prisma),
    transaction: (work) => prisma.$transaction((tx) => work(storeOn(tx), tx), transactionLimits),
    whileMigrating: (work) => whileHeld(prisma, migrationLock, migrationLimitMs, work),
    whileErasing: (work) => {
      const done = erasing.then(() => whileHeld(prisma, erasureLock, erasureLimitMs, work));
      erasing = done.catch(() => undefined);
      return done;
    },
  };
}

function whileHeld<T>(
  prisma: PrismaClient,
  lock: number,
  timeout: number,
  work: () => Promise<T>,
): Promise<T> {
  return prisma.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lock})`;
      return work();
    },
    { timeout, maxWait: 30_000 },
  );
}

function storeOn(connection: Connection): Store {
  return {
    lrsKeys: lrsKeyStore(connection),
    endedSessions: endedSessionStore(connection),
    organisations: organisationStore(connection),
    ingestBlocks: ingestBlockStore(connection),
    erasedPeople: erasedPersonStore(connection),
    attachments: attachmentStore(connection),
    personDocuments: personDocumentStore(connection),
    outbox: outboxStore(connection),
    receivers: receiverStore(connection),
    sharedSecrets: sharedSecretStore(connection),
    statementClaims: statementClaimStore(connection),
    statementForwardings: statementForwardingStore(connection),
    storeJobs: storeJobStore(connection),
    storeJobFiles: storeJobFileStore(connection),
    sql: sqlOn(connection),
  };
}
