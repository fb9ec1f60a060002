import { transactionLimits } from '@lyceum/postgres';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { ingestBlockStore } from './ingest-blocks.ts';
import { lrsKeyStore } from './lrs-keys.ts';
import { organisationStore } from './organisations.ts';

/** What a query runs on: the client, or a transaction of it. */
export type Connection = Prisma.TransactionClient;

/** What the LRS keeps in its own database: copies of keys, and how far ingest is. */
export interface Store {
  readonly lrsKeys: ReturnType<typeof lrsKeyStore>;
  readonly organisations: ReturnType<typeof organisationStore>;
  readonly ingestBlocks: ReturnType<typeof ingestBlockStore>;
}

export interface Database extends Store {
  /** All that `work` writes, or nothing of it. `connection` is for the inbox. */
  transaction<T>(work: (store: Store, connection: Connection) => Promise<T>): Promise<T>;
  /** Runs `work` while no other process does: ClickHouse has no lock to migrate under. */
  whileMigrating<T>(work: () => Promise<T>): Promise<T>;
}

/** 'CH', beside the locks of packages/postgres. */
const migrationLock = 0x43_48;

const migrationLimitMs = 10 * 60_000;

export function createStore(prisma: PrismaClient): Database {
  return {
    ...storeOn(prisma),
    transaction: (work) => prisma.$transaction((tx) => work(storeOn(tx), tx), transactionLimits),
    whileMigrating: (work) =>
      prisma.$transaction(
        async (tx) => {
          await tx.$executeRaw`SELECT pg_advisory_xact_lock(${migrationLock})`;
          return work();
        },
        { timeout: migrationLimitMs, maxWait: 30_000 },
      ),
  };
}

function storeOn(connection: Connection): Store {
  return {
    lrsKeys: lrsKeyStore(connection),
    organisations: organisationStore(connection),
    ingestBlocks: ingestBlockStore(connection),
  };
}
