import { composeSupergraph } from '@lyceum/schema';
import {
  createLogger,
  heldPermissions,
  newId,
  TokenError,
  type Role,
  type TokenVerifier,
  type Viewer,
} from '@lyceum/service';
import type { FormattedExecutionResult } from 'graphql';
import { createClient, type Client, type ClientOptions } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createGateway, type GatewayOptions } from '../../src/gateway.ts';
import type { TestSubgraph } from './subgraph.ts';

/** What the gateway under test signs with. */
export const gatewaySecret = 'a secret of the gateway';

export interface Answer extends FormattedExecutionResult<Record<string, unknown>, Record<string, unknown>> {
  readonly status: number;
}

export async function startGateway(
  subgraphs: readonly TestSubgraph[],
  options: Partial<GatewayOptions> = {},
  port = 0,
) {
  const logger = options.logger ?? createLogger({ service: 'gateway', level: 'silent' });
  const { server, generations } = await createGateway({
    supergraphSdl: composed(subgraphs),
    subgraphAddresses: {},
    subgraphTimeoutMs: 20_000,
    verifier: testVerifier,
    limits: { depth: 12, cost: 2_000, tokens: 2_000 },
    introspection: true,
    production: false,
    gatewaySecret,
    subscriberCapacity: 100,
    patience: { attempts: 20, firstPauseMs: 20, longestPauseMs: 100 },
    logger,
    ...options,
  });
  const origin = await server.listen({ host: '127.0.0.1', port });
  const url = `${origin}/graphql`;
  return {
    url,
    origin,
    server: server.server,
    generations,
    query: (query: string, request: QueryOptions = {}) => post(url, query, request),
    connect: (clientOptions: Partial<ClientOptions> = {}) => connect(url, clientOptions),
    stop: () => server.close(),
  };
}

export type TestGateway = Awaited<ReturnType<typeof startGateway>>;

export function composed(subgraphs: readonly Pick<TestSubgraph, 'name' | 'url' | 'sdl'>[]): string {
  return composeSupergraph(subgraphs.map((subgraph) => ({ ...subgraph, file: `${subgraph.name}.graphql` })));
}

export interface QueryOptions {
  readonly token?: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
  readonly headers?: Record<string, string>;
}

export async function post(url: string, query: string, request: QueryOptions = {}): Promise<Answer> {
  const { token, variables, operationName, headers } = request;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: JSON.stringify({ query, variables, operationName }),
  });
  return { status: response.status, ...((await response.json()) as FormattedExecutionResult) };
}

export function connect(url: string, options: Partial<ClientOptions>): Client {
  return createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...options,
  });
}

type Result = FormattedExecutionResult<Record<string, unknown>, Record<string, unknown>>;

/** What a subscription received, and how it ended: 'complete', or the error that the client library reports. */
export interface Watched {
  readonly results: readonly Result[];
  readonly end: Promise<unknown>;
  leave(): void;
}

export function watch(client: Client, query: string, variables?: Record<string, unknown>): Watched {
  const results: Result[] = [];
  let leave: () => void = () => undefined;
  const end = new Promise<unknown>((resolve) => {
    leave = client.subscribe<Record<string, unknown>, Record<string, unknown>>(
      { query, ...(variables ? { variables } : {}) },
      {
        next: (result) => results.push(result as Result),
        error: resolve,
        complete: () => {
          resolve('complete');
        },
      },
    );
  });
  return { results, end, leave };
}

/** The session of each token of a user that `testVerifier` knows. */
export const sessionOf = (userId: string) => `session-of-${userId}`;

/**
 * Knows tokens of the form `<user>`, `<user>@<organisation>`, `<user>:<milliseconds until it expires>` and
 * `<user>:<milliseconds>:<role>`; refuses `forged`.
 */
export const testVerifier: TokenVerifier = {
  async verify(token): Promise<Viewer> {
    if (token === 'forged') throw new TokenError('The access token is not valid.');
    const [name = '', lifetime = '600000', role = 'LEARNER'] = token.split(':');
    const roles = [role as Role];
    const [userId = '', organisationId = 'organisation'] = name.split('@');
    return {
      userId,
      organisationId,
      roles,
      ...heldPermissions({ roles }),
      sessionId: organisationId === 'organisation' ? sessionOf(userId) : idOf(userId),
      scopes: [],
      expiresAt: new Date(Date.now() + Number(lifetime)),
      issuedAt: new Date(),
    };
  },
};

/** As identity makes them: of a login, or of a personal access token. */
const idOf = (userId: string) => newId(userId.startsWith('pat') ? 'pat' : 'session');
