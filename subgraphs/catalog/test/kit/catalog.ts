import { newId, workspaceFile, type Role, type RunningService } from '@lyceum/service';
import {
  createTestIssuer,
  graphqlClient,
  prepareDatabase,
  temporaryDirectory,
  type GraphQLClient,
  type TokenClaims,
} from '@lyceum/testing';
import { readEnv } from '../../src/env.ts';
import { startCatalog } from '../../src/main.ts';

export interface RunningCatalog extends RunningService {
  readonly url: string;
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  /** A school of its own, whose members ask the catalog. */
  school(): Promise<School>;
}

export interface School {
  readonly organisationId: string;
  member(...roles: Role[]): Promise<GraphQLClient>;
  /** A member whose token says more than roles. */
  holder(claims: TokenClaims): Promise<GraphQLClient>;
  readonly author: GraphQLClient;
  readonly learner: GraphQLClient;
}

/** The catalog on a database of its own. */
export async function runCatalog(): Promise<RunningCatalog> {
  const issuer = await createTestIssuer();
  const databaseUrl = await prepareDatabase(
    'catalog',
    workspaceFile('subgraphs/catalog', 'prisma/migrations'),
  );
  const dataDirectory = temporaryDirectory();
  const running = await startCatalog(
    readEnv({
      PORT: '0',
      LOG_LEVEL: 'silent',
      LYCEUM_DATA_DIR: dataDirectory,
      DATABASE_URL: databaseUrl,
      JWKS_URL: issuer.jwksUrl,
    }),
  );
  const url = running.url ?? '';
  return {
    url,
    databaseUrl,
    dataDirectory,
    school: () => openSchool(url, issuer),
    async stop() {
      await running.stop();
      await issuer.close();
    },
  };
}

async function openSchool(
  url: string,
  issuer: Awaited<ReturnType<typeof createTestIssuer>>,
): Promise<School> {
  const organisationId = newId('org');
  const holder = async (claims: TokenClaims) =>
    graphqlClient(url, await issuer.tokenFor({ organisationId, ...claims }));
  const member = (...roles: Role[]) => holder({ roles });
  return { organisationId, member, holder, author: await member('AUTHOR'), learner: await member('LEARNER') };
}
