import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@lyceum/engines';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { createLogger } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import pg from 'pg';
import type { EndLater } from '../ending/ending.ts';
import { startChild } from '../xapi/children.ts';

/** Identity as a process of its own, as in production, with one organisation and its administrator. */
export interface RunningIdentity {
  readonly url: string;
  readonly pid: number;
  readonly directory: string;
  /** To its database, as the owner. */
  readonly database: pg.Client;
  readonly adminToken: string;
  readonly askAsAdmin: GraphQLClient;
}

export const password = 'correct horse bench staple';
export const gatewaySecret = 'a secret of the gateway and the benchmark';
const email = 'admin@bench.example';

const environment = {
  NODE_ENV: 'production',
  SMTP_URL: 'files',
  KEY_ENCRYPTION_SECRET: 'a secret of the benchmark alone',
  GATEWAY_SECRET: gatewaySecret,
  BOOTSTRAP_ORGANISATION: 'Bench',
  BOOTSTRAP_ADMIN_EMAIL: email,
  BOOTSTRAP_ADMIN_PASSWORD: password,
};

/** On an embedded PostgreSQL and a log of its own, in a temporary directory. */
export async function runIdentity(
  endLater: EndLater,
  more: NodeJS.ProcessEnv = {},
): Promise<RunningIdentity> {
  // Not mkdtemp: started as root, PostgreSQL runs as another user, who may not enter what that makes.
  const directory = join(tmpdir(), `lyceum-bench-${randomUUID()}`);
  mkdirSync(directory);
  endLater(() => rm(directory, { recursive: true, force: true }));
  const logger = createLogger({ service: 'bench', level: 'error' });
  const postgres = await startPostgres({ directory: join(directory, 'postgres'), port: 0, logger });
  endLater(() => postgres.stop());
  const serverUrl = new URL('/bench', postgres.url).toString();
  const child = await startChild({
    file: 'subgraphs/identity/dist/main.js',
    env: { ...environment, LYCEUM_DATA_DIR: join(directory, 'data'), DATABASE_URL: serverUrl, ...more },
  });
  endLater(() => child.stop());
  const database = new pg.Client({ connectionString: serviceDatabaseUrl(serverUrl, 'identity') });
  await database.connect();
  endLater(() => database.end());
  const { url, pid } = child;
  const adminToken = await logIn(url);
  return { url, pid, directory, database, adminToken, askAsAdmin: graphqlClient(url, adminToken) };
}

async function logIn(url: string): Promise<string> {
  const { data, errors } = await graphqlClient(url)<{
    sessionCreate: { tokens: { accessToken: string } };
  }>(`mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { tokens { accessToken } } }`, {
    input: { email, password },
  });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.sessionCreate.tokens.accessToken;
}
