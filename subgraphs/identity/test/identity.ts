import { temporaryDirectory, graphqlClient, prepareDatabase, type GraphQLClient } from '@lyceum/testing';
import { workspaceFile, type RunningService } from '@lyceum/service';
import { startIdentity } from '../src/main.ts';
import { readEnv } from '../src/env.ts';

export interface RunningIdentity extends RunningService {
  readonly url: string;
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  /** Logs in as one of the demo accounts. */
  loggedIn(account: 'admin' | 'author' | 'instructor' | 'learner'): Promise<GraphQLClient>;
}

/** Identity on a database of its own, with the demo organisation. */
export async function runIdentity(environment: NodeJS.ProcessEnv = {}): Promise<RunningIdentity> {
  const databaseUrl = await prepareDatabase(
    'identity',
    workspaceFile('subgraphs/identity', 'prisma/migrations'),
  );
  const dataDirectory = temporaryDirectory();
  const running = await startIdentity(
    readEnv({
      PORT: '0',
      LOG_LEVEL: 'silent',
      LYCEUM_DEMO: '1',
      LYCEUM_DATA_DIR: dataDirectory,
      DATABASE_URL: databaseUrl,
      ...environment,
    }),
  );
  const url = running.url ?? '';
  return {
    ...running,
    url,
    databaseUrl,
    dataDirectory,
    async loggedIn(account) {
      const { accessToken } = await logIn(graphqlClient(url), `${account}@lyceum.example`);
      return graphqlClient(url, accessToken);
    },
  };
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: string;
}

export async function logIn(client: GraphQLClient, email: string, password = 'lyceum-demo'): Promise<Tokens> {
  const { data } = await client<{ sessionCreate: { tokens: Tokens } }>(
    `mutation ($input: SessionCreateInput!) {
      sessionCreate(input: $input) { tokens { accessToken refreshToken expiresAt } userErrors { code } }
    }`,
    { input: { email, password } },
  );
  return data.sessionCreate.tokens;
}
