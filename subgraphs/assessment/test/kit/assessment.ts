import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { createEventLog, type EventLog } from '@lyceum/events';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { createLogger, newId, workspaceFile, type Role } from '@lyceum/service';
import {
  createTestIssuer,
  graphqlClient,
  prepareDatabase,
  temporaryDirectory,
  type GraphQLClient,
  type TokenClaims,
} from '@lyceum/testing';
import { readEnv } from '../../src/env.ts';
import { startAssessment } from '../../src/main.ts';
import { PrismaClient } from '../../src/store/generated/client.ts';

/** Somebody with a role in an organisation, and their way to ask. */
export interface Person {
  readonly userId: string;
  readonly organisationId: string;
  readonly token: string;
  readonly ask: GraphQLClient;
}

/** The service on a database and a log of its own. */
export interface RunningAssessment {
  readonly url: string;
  readonly publicUrl: string;
  /** The log that the service reads and writes: the test stands where catalog and learning stand. */
  readonly log: EventLog;
  /** A look into the service's database. */
  readonly prisma: PrismaClient;
  /** Asks without a token. */
  readonly visitor: GraphQLClient;
  /** @param more what the token says beyond the role */
  person(role: Role | readonly Role[], organisationId?: string, more?: TokenClaims): Promise<Person>;
  stop(): Promise<void>;
}

/** @param patienceMs 0 unless told: what is not known is refused at once. */
export async function runAssessment({ patienceMs = 0 } = {}): Promise<RunningAssessment> {
  const serverUrl = await prepareDatabase(
    'assessment',
    workspaceFile('subgraphs/assessment', 'prisma/migrations'),
  );
  const issuer = await createTestIssuer();
  const directory = temporaryDirectory();
  const env = readEnv({
    NODE_ENV: 'test',
    LOG_LEVEL: 'fatal',
    PORT: '0',
    DATABASE_URL: serverUrl,
    LYCEUM_DATA_DIR: directory,
    JWKS_URL: issuer.jwksUrl,
    PUBLIC_URL: issuer.issuer,
    EVENT_PATIENCE_MS: String(patienceMs),
  });
  const running = await startAssessment(env);
  const url = running.url ?? '';
  const log = await createEventLog({
    directory: join(directory, 'log'),
    clientId: 'test',
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: serviceDatabaseUrl(serverUrl, 'assessment') }),
  });
  return {
    url,
    publicUrl: issuer.issuer,
    log,
    prisma,
    visitor: graphqlClient(url),
    async person(role, organisationId = newId('org'), more = {}) {
      const userId = newId('user');
      const roles = typeof role === 'string' ? [role] : role;
      const token = await issuer.tokenFor({ userId, organisationId, roles, ...more });
      return { userId, organisationId, token, ask: graphqlClient(url, token) };
    },
    async stop() {
      await running.stop();
      await log.close();
      await prisma.$disconnect();
      await issuer.close();
    },
  };
}
