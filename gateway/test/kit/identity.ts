import { startSubgraph, type TestSubgraph } from './subgraph.ts';

/**
 * Identity's part in logging in: the token is the account's name, as `testVerifier` knows it. The first is so short
 * that it must be renewed at once. A refresh token is good once.
 */
export function startIdentity(): Promise<TestSubgraph> {
  const unspent = new Set<string>();
  let issued = 0;
  const tokens = (name: string, lifetimeMs: number) => {
    issued += 1;
    const refreshToken = `${name}/${issued}`;
    unspent.add(refreshToken);
    const expiresAt = new Date(Date.now() + lifetimeMs).toISOString();
    return { accessToken: `${name}:${lifetimeMs}`, expiresAt, refreshToken };
  };
  return startSubgraph({
    name: 'identity',
    sdl: `
      type Query { viewer: Viewer }
      type Viewer { user: User! roles: [String!]! }
      type User { name: String! }
      type Mutation {
        sessionCreate(input: SessionCreateInput!): SessionPayload!
        sessionRefresh(input: SessionRefreshInput!): SessionPayload!
      }
      input SessionCreateInput { email: String! password: String! }
      input SessionRefreshInput { refreshToken: String! }
      type SessionPayload { tokens: SessionTokens challenge: Challenge userErrors: [UserError!]! }
      type SessionTokens { accessToken: String! expiresAt: String! refreshToken: String! }
      type Challenge { kind: String! }
      type UserError { message: String! }
    `,
    resolvers: {
      Query: {
        viewer: (_: unknown, _arguments: unknown, { authorization }: { authorization?: string }) =>
          authorization && {
            user: { name: authorization.replace(/^Bearer |:.*$/g, '') },
            roles: ['LEARNER'],
          },
      },
      Mutation: {
        sessionCreate: (_: unknown, { input }: { input: { email: string; password: string } }) =>
          input.password === 'lyceum-demo'
            ? { tokens: tokens(input.email.split('@')[0] ?? '', 29_000), userErrors: [] }
            : { userErrors: [{ message: 'The e-mail address or the password is wrong.' }] },
        sessionRefresh: (_: unknown, { input }: { input: { refreshToken: string } }) => {
          if (!unspent.delete(input.refreshToken))
            return { userErrors: [{ message: 'The session has ended.' }] };
          return { tokens: tokens(input.refreshToken.split('/')[0] ?? '', 600_000), userErrors: [] };
        },
      },
    },
  });
}
