import { PrismaPg } from '@prisma/adapter-pg';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { newId, workspaceFile, type Role, type RunningService } from '@lyceum/service';
import { temporaryDirectory, graphqlClient, prepareDatabase, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { hashPassword } from '../../src/domain/passwords.ts';
import { registerPerson } from '../../src/domain/register-person.ts';
import { readEnv } from '../../src/env.ts';
import { identityEvents } from '../../src/events/identity-events.ts';
import { startIdentity } from '../../src/main.ts';
import { PrismaClient } from '../../src/store/generated/client.ts';
import { createStore } from '../../src/store/store.ts';
import { sql } from './sql.ts';

export interface RunningIdentity extends RunningService {
  readonly url: string;
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  /** Logs in as one of the demo accounts. */
  loggedIn(account: 'admin' | 'author' | 'instructor' | 'learner'): Promise<GraphQLClient>;
  /** Another organisation. */
  organisation(slug: string): Promise<Organisation>;
}

export interface Organisation {
  readonly id: string;
  readonly slug: string;
  readonly admin: GraphQLClient;
  /** Somebody new, logged in. */
  member(...roles: Role[]): Promise<Member>;
}

export interface Member {
  readonly userId: string;
  readonly sessionId: string;
  readonly refreshToken: string;
  readonly ask: GraphQLClient;
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
    async organisation(slug) {
      const id = await foundOrganisation(databaseUrl, slug);
      const member = async (...roles: Role[]) => {
        const { accessToken, refreshToken } = await logIn(
          graphqlClient(url),
          await addMember(databaseUrl, id, roles),
        );
        const { sub: userId = '', sid } = decodeJwt(accessToken);
        return { userId, sessionId: String(sid), refreshToken, ask: graphqlClient(url, accessToken) };
      };
      return { id, slug, admin: (await member('ADMIN')).ask, member };
    },
  };
}

/** Past the API, through which nobody founds one. */
async function foundOrganisation(databaseUrl: string, slug: string): Promise<string> {
  return withStore(databaseUrl, async ({ organisations }) => {
    const { id } = await organisations.insert({ id: newId('org'), slug, name: slug });
    return id;
  });
}

/** Somebody whose password is that of the demo accounts. Answers their address. */
async function addMember(
  databaseUrl: string,
  organisationId: string,
  roles: readonly Role[],
): Promise<string> {
  const email = `${newId('someone')}@lyceum.example`;
  const passwordHash = await hashPassword('lyceum-demo');
  const person = { name: 'Somebody Else', email, passwordHash, roles };
  await withStore(databaseUrl, (store) => registerPerson(store, identityEvents, organisationId, person));
  return email;
}

/** Looks into the database of the service, and writes there. */
export async function withStore<T>(
  databaseUrl: string,
  work: (store: ReturnType<typeof createStore>) => Promise<T>,
): Promise<T> {
  const connectionString = serviceDatabaseUrl(databaseUrl, 'identity');
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
  try {
    return await work(createStore(prisma));
  } finally {
    await prisma.$disconnect();
  }
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: string;
}

export async function logIn(
  client: GraphQLClient,
  email: string,
  password = 'lyceum-demo',
  organisation?: string,
): Promise<Tokens> {
  const { tokens, userErrors } = await tryLogIn(client, { email, password, organisation });
  if (!tokens) throw new Error(JSON.stringify(userErrors));
  return tokens;
}

/** The answer to who tries to log in. */
export async function tryLogIn(
  client: GraphQLClient,
  input: { email: string; password: string; organisation?: string | undefined },
): Promise<{ tokens: Tokens | null; userErrors: { code: string; message: string }[] }> {
  const { data } = await client<{ sessionCreate: Awaited<ReturnType<typeof tryLogIn>> }>(
    `mutation ($input: SessionCreateInput!) {
      sessionCreate(input: $input) {
        tokens { accessToken refreshToken expiresAt } userErrors { code message }
      }
    }`,
    { input },
  );
  return data.sessionCreate;
}

/** Past the API: as if somebody whom a provider brought had chosen a password. */
export async function setPassword(
  { databaseUrl }: Pick<RunningIdentity, 'databaseUrl'>,
  userId: string,
  password: string,
): Promise<void> {
  const passwordHash = await hashPassword(password);
  await sql(databaseUrl, 'UPDATE membership SET password_hash = $2 WHERE user_id = $1', [
    userId,
    passwordHash,
  ]);
}
