import { join } from 'node:path';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { createEventLog, domainEvent, type EventData, type EventLog } from '@lyceum/events';
import { createLogger, newId, workspaceFile, type Grant, type Role } from '@lyceum/service';
import {
  createTestIssuer,
  eventually,
  graphqlClient,
  prepareDatabase,
  subscribe,
  temporaryDirectory,
  type GraphQLClient,
  type LiveSubscription,
  type TestIssuer,
} from '@lyceum/testing';
import type { Statement } from '@lyceum/xapi';
import { createDatabase, type Database } from '../../src/store/database.ts';
import { PrismaClient } from '../../src/store/generated/client.ts';
import type { NewStoreJob } from '../../src/store/store-jobs.ts';
import { readEnv } from '../../src/env.ts';
import { startRecords } from '../../src/main.ts';
import { PrismaPg } from '@prisma/adapter-pg';
import { publicUrl, recordOf, startClickHouse, type RunningClickHouse } from './clickhouse.ts';

/** The service on a ClickHouse and a log of its own; the test stands where the LRS and the catalog stand. */
export interface RunningRecords {
  readonly url: string;
  readonly clickHouse: RunningClickHouse;
  readonly log: EventLog;
  /** Where the log is. */
  readonly directory: string;
  readonly databaseUrl: string;
  readonly database: Database;
  school(): School;
  /** A subscription of somebody, once the service serves one more than before: let others neither come nor go. */
  follow<Data>(
    person: Person,
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<LiveSubscription<Data>>;
  /** How many subscriptions the service serves, as it reports it. */
  followers(): Promise<number>;
  /** Resolves when records has taken in all that the catalog told. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** An organisation, its people, and what they do. */
export interface School {
  readonly organisationId: string;
  /** @param grants what their token says they may do beside */
  person(role: Role, userId?: string, grants?: readonly Grant[]): Promise<Person>;
  /** Statements as readers of ClickHouse find them. */
  store(statements: readonly Statement[], stored?: Date): Promise<void>;
  /** Statements as listeners to the log hear them, and an ingest that runs (kit/ingest.ts). */
  receive(statements: readonly Statement[]): Promise<void>;
  /** The same of one, as its author wrote it. */
  receiveText(statement: Statement, text: string): Promise<void>;
  /** A job on the organisation's store, as if somebody had asked for it. */
  begin(job: Pick<NewStoreJob, 'id' | 'kind' | 'state' | 'parameters'>): Promise<void>;
  /** What the catalog tells of a course. */
  tell(course: CourseState): Promise<void>;
}

export interface Person {
  readonly userId: string;
  readonly token: string;
  readonly ask: GraphQLClient;
}

export type CourseState = EventData['course.updated']['course'];

export async function runRecords(environment: NodeJS.ProcessEnv = {}): Promise<RunningRecords> {
  const [issuer, clickHouse] = await Promise.all([createTestIssuer(publicUrl), startClickHouse()]);
  const directory = temporaryDirectory();
  const databaseUrl = await prepareDatabase(
    'records',
    workspaceFile('subgraphs/records', 'prisma/migrations'),
  );
  const running = await startRecords(
    readEnv({
      PORT: '0',
      LOG_LEVEL: 'silent',
      LYCEUM_DATA_DIR: directory,
      DATABASE_URL: databaseUrl,
      CLICKHOUSE_URL: clickHouse.url,
      JWKS_URL: issuer.jwksUrl,
      ...environment,
    }),
  );
  const log = await createEventLog({
    directory: join(directory, 'log'),
    clientId: 'test',
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  const url = running.url ?? '';
  const connectionString = serviceDatabaseUrl(databaseUrl, 'records');
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
  const database = createDatabase(prisma);
  return {
    url,
    clickHouse,
    log,
    directory,
    databaseUrl,
    database,
    school: () => openSchool({ url, clickHouse, log, issuer, database }),
    async follow<Data>(
      { token }: Person,
      query: string,
      variables: Record<string, unknown> = {},
    ): Promise<LiveSubscription<Data>> {
      const before = await followersOf(url);
      const subscription = subscribe<Data>(url, query, { token, variables });
      await eventually(async () => {
        if ((await followersOf(url)) !== before + 1) throw new Error('not served yet');
      });
      return subscription;
    },
    followers: () => followersOf(url),
    settled: () =>
      eventually(async () => {
        const behind = (await log.lag('records')).filter(({ lag }) => lag > 0);
        if (behind.length > 0) throw new Error(`behind: ${JSON.stringify(behind)}`);
      }),
    async stop() {
      await prisma.$disconnect();
      await log.close();
      await running.stop();
      await clickHouse.stop();
      await issuer.close();
    },
  };
}

async function followersOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const counts = [...text.matchAll(/^lyceum_live_subscribers\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

function openSchool(
  around: Pick<RunningRecords, 'url' | 'clickHouse' | 'log' | 'database'> & { issuer: TestIssuer },
): School {
  const { url, clickHouse, log, issuer, database } = around;
  const organisationId = newId('org');
  return {
    organisationId,
    async person(role, userId = newId('user'), grants = []) {
      const token = await issuer.tokenFor({ userId, organisationId, roles: [role], grants });
      return { userId, token, ask: graphqlClient(url, token) };
    },
    store: (statements, stored) => clickHouse.ingest(recordOf(organisationId, statements, stored)),
    receive: (statements) => log.append([recordOf(organisationId, statements)]),
    receiveText: (statement, text) =>
      log.append([recordOf(organisationId, [statement], undefined, () => text)]),
    async begin(job) {
      await database.storeJobs.insertOptional({ ...job, organisationId, requestedBy: newId('user') });
    },
    tell: (course) =>
      log.append([
        domainEvent({
          type: 'course.updated',
          subject: course.id,
          organisation: organisationId,
          data: { course },
        }),
      ]),
  };
}
