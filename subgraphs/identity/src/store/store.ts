import { transactionLimits } from '@lyceum/postgres';
import { type Prisma, type PrismaClient } from './generated/client.ts';
import { auditEventStore } from './audit-events.ts';
import { guessLimitStore } from './guess-limits.ts';
import { apiClientStore } from './api-clients.ts';
import { lrsKeyStore } from './lrs-keys.ts';
import { membershipStore } from './memberships.ts';
import { organisationStore } from './organisations.ts';
import { outboxStore } from './outbox.ts';
import { personalAccessTokenStore } from './personal-access-tokens.ts';
import { sessionStore } from './sessions.ts';
import { signingKeyStore } from './signing-keys.ts';
import { userStore } from './users.ts';

/** What a query runs on: the client, or a transaction of it. */
export type Connection = Prisma.TransactionClient;

/** Everything that identity keeps. */
export interface Store {
  readonly organisations: ReturnType<typeof organisationStore>;
  readonly users: ReturnType<typeof userStore>;
  readonly memberships: ReturnType<typeof membershipStore>;
  readonly sessions: ReturnType<typeof sessionStore>;
  readonly signingKeys: ReturnType<typeof signingKeyStore>;
  readonly lrsKeys: ReturnType<typeof lrsKeyStore>;
  readonly apiClients: ReturnType<typeof apiClientStore>;
  readonly personalAccessTokens: ReturnType<typeof personalAccessTokenStore>;
  readonly auditEvents: ReturnType<typeof auditEventStore>;
  readonly guessLimits: ReturnType<typeof guessLimitStore>;
  readonly outbox: ReturnType<typeof outboxStore>;
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
    organisations: organisationStore(connection),
    users: userStore(connection),
    memberships: membershipStore(connection),
    sessions: sessionStore(connection),
    signingKeys: signingKeyStore(connection),
    lrsKeys: lrsKeyStore(connection),
    apiClients: apiClientStore(connection),
    personalAccessTokens: personalAccessTokenStore(connection),
    auditEvents: auditEventStore(connection),
    guessLimits: guessLimitStore(connection),
    outbox: outboxStore(connection),
  };
}
