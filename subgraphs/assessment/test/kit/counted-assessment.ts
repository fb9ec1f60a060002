import { PrismaPg } from '@prisma/adapter-pg';
import { createEventLog } from '@lyceum/events';
import { createSubgraph } from '@lyceum/graphql';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import {
  createLogger,
  createMetrics,
  heldPermissions,
  listen,
  newId,
  workspaceFile,
  type Viewer,
} from '@lyceum/service';
import { graphqlClient, prepareDatabase, temporaryDirectory, type GraphQLClient } from '@lyceum/testing';
import { createContext } from '../../src/context.ts';
import { createGradedAttempts } from '../../src/events/graded-attempts.ts';
import { permissions } from '../../src/permissions.ts';
import { resolvers } from '../../src/resolvers/resolvers.ts';
import { createServices } from '../../src/services.ts';
import { PrismaClient } from '../../src/store/generated/client.ts';
import { createStore } from '../../src/store/store.ts';

/** The service wired as in main.ts, on a client that notes its queries; everybody is one administrator. */
export interface CountedAssessment {
  readonly viewer: Viewer;
  readonly prisma: PrismaClient;
  readonly ask: GraphQLClient;
  /** The SELECTs that `work` made. */
  selectsOf(work: () => Promise<unknown>): Promise<string[]>;
  stop(): Promise<void>;
}

export async function countAssessment(): Promise<CountedAssessment> {
  const serverUrl = await prepareDatabase(
    'assessment',
    workspaceFile('subgraphs/assessment', 'prisma/migrations'),
  );
  const adapter = new PrismaPg({ connectionString: serviceDatabaseUrl(serverUrl, 'assessment') });
  const prisma = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
  let queries: string[] = [];
  prisma.$on('query', ({ query }) => queries.push(query));
  const viewer = administrator();
  const { url, stop } = await serve(prisma, viewer);
  return {
    viewer,
    prisma,
    ask: graphqlClient(url, 'token'),
    async selectsOf(work) {
      queries = [];
      await work();
      return queries.filter((text) => /^\s*SELECT/i.test(text));
    },
    async stop() {
      await stop();
      await prisma.$disconnect();
    },
  };
}

function administrator(): Viewer {
  return {
    userId: newId('user'),
    organisationId: newId('org'),
    roles: ['ADMIN'],
    ...heldPermissions({ roles: ['ADMIN'] }),
    sessionId: newId('session'),
    scopes: [],
    expiresAt: new Date(Date.now() + 600_000),
  };
}

async function serve(prisma: PrismaClient, viewer: Viewer) {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const metrics = createMetrics('test');
  const log = await createEventLog({ directory: temporaryDirectory(), clientId: 'test', logger });
  const live = createGradedAttempts({ log, logger, metrics });
  const store = createStore(prisma);
  const publicUrl = 'http://localhost:4000';
  const server = await createSubgraph({
    schemaFile: workspaceFile('subgraphs/assessment', 'schema.graphql'),
    resolvers,
    permissions,
    context: createContext(createServices({ store, live, publicUrl, patienceMs: 0 })),
    verifier: { verify: async () => viewer },
    logger,
    metrics,
    checks: [],
    production: false,
  });
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  const stop = async () => {
    await live.stop();
    await server.close();
    await log.close();
  };
  return { url, stop };
}
