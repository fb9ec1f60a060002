import { join } from 'node:path';
import {
  createEventLog,
  domainEvent,
  type EventLog,
  type EventType,
  type DomainEventInput,
} from '@lyceum/events';
import { createLogger, newId, workspaceFile, type Role, type RunningService } from '@lyceum/service';
import {
  createTestIssuer,
  eventually,
  graphqlClient,
  prepareDatabase,
  temporaryDirectory,
  type GraphQLClient,
  type TestIssuer,
} from '@lyceum/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { readEnv } from '../../src/env.ts';
import { startLearning } from '../../src/main.ts';
import { PrismaClient } from '../../src/store/generated/client.ts';

export const publicUrl = 'http://localhost:4000';

/** Learning on a database and a log of its own, with whatever its neighbours would publish. */
export interface LearningUnderTest {
  readonly url: string;
  readonly issuer: TestIssuer;
  readonly log: EventLog;
  readonly prisma: PrismaClient;
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  as(who: Person): Promise<GraphQLClient>;
  publish<T extends EventType>(event: DomainEventInput<T>): Promise<void>;
  /** Resolves when learning has taken in everything that was published. */
  settled(): Promise<void>;
  /** Stops the service, does something in its absence, starts it again. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export interface Person {
  readonly userId: string;
  readonly organisationId: string;
  readonly roles: readonly Role[];
}

const groups = [
  'learning-catalog',
  'learning-identity',
  'learning-groups',
  'learning-assessment',
  'learning-progress',
];

/** Starts the service from its variables; in this process unless a test says otherwise. */
export type StartLearning = (variables: NodeJS.ProcessEnv) => Promise<RunningService>;

const inThisProcess: StartLearning = (variables) => startLearning(readEnv(variables));

export async function runLearning(startService = inThisProcess): Promise<LearningUnderTest> {
  const migrations = workspaceFile('subgraphs/learning', 'prisma/migrations');
  const databaseUrl = await prepareDatabase('learning', migrations);
  const dataDirectory = temporaryDirectory();
  const issuer = await createTestIssuer(publicUrl);
  const start = () => startService(variablesOf({ databaseUrl, dataDirectory, jwksUrl: issuer.jwksUrl }));
  let running: RunningService = await start();
  const log = await createEventLog({
    directory: join(dataDirectory, 'log'),
    clientId: 'test',
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  const connectionString = serviceDatabaseUrl(databaseUrl, 'learning');
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 3 }) });
  return {
    get url() {
      return running.url ?? '';
    },
    issuer,
    log,
    prisma,
    databaseUrl,
    dataDirectory,
    as: async (who) => graphqlClient(running.url ?? '', await issuer.tokenFor(who)),
    publish: (event) => log.append([domainEvent(event)]),
    settled: () => settled(log, prisma),
    async restart(meanwhile) {
      await running.stop();
      await meanwhile?.();
      running = await start();
    },
    async stop() {
      await running.stop();
      await prisma.$disconnect();
      await log.close();
      await issuer.close();
    },
  };
}

function variablesOf(of: { databaseUrl: string; dataDirectory: string; jwksUrl: string }): NodeJS.ProcessEnv {
  return {
    PORT: '0',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent',
    LYCEUM_DATA_DIR: of.dataDirectory,
    DATABASE_URL: of.databaseUrl,
    JWKS_URL: of.jwksUrl,
    PUBLIC_URL: publicUrl,
    EVENT_PATIENCE_MS: '0',
  };
}

async function settled(log: EventLog, prisma: PrismaClient): Promise<void> {
  const everythingIsDone = async () => {
    const lags = (await Promise.all(groups.map((group) => log.lag(group)))).flat();
    const behind = lags.filter(({ lag }) => lag > 0);
    if (behind.length > 0) throw new Error(`behind: ${JSON.stringify(behind)}`);
    const [work] = await prisma.$queryRaw<{ stale: number; parked: number; outbox: number }[]>`
      SELECT (SELECT count(*)::int FROM course WHERE structure_revision <> corrected_revision) AS stale,
        (SELECT count(*)::int FROM mailbox_evidence JOIN mailbox USING (address)) AS parked,
        (SELECT count(*)::int FROM outbox) AS outbox`;
    if (!work || work.stale + work.parked + work.outbox > 0)
      throw new Error(`to do: ${JSON.stringify(work)}`);
  };
  await eventually(everythingIsDone, { timeoutMs: 25_000 });
}

/** A new organisation with one person of each role. */
export function newOrganisation() {
  const organisationId = newId('org');
  const person = (...roles: Role[]): Person => ({ organisationId, userId: newId('user'), roles });
  return {
    organisationId,
    admin: person('ADMIN'),
    author: person('AUTHOR'),
    instructor: person('INSTRUCTOR'),
    learner: person('LEARNER'),
    another: person('LEARNER'),
    person,
  };
}

export type Organisation = ReturnType<typeof newOrganisation>;
