import { startSubgraph, type TestSubgraph } from './subgraph.ts';

/**
 * Identity's part in logging in: the token is the account's name, as `testVerifier` knows it. The first is so short
 * that it must be renewed at once.
 */
export function startIdentity(): Promise<TestSubgraph> {
  let refreshes = 0;
  const tokens = (name: string, lifetimeMs: number) => ({
    accessToken: `${name}:${lifetimeMs}`,
    expiresAt: new Date(Date.now() + lifetimeMs).toISOString(),
    refreshToken: `${name}/${refreshes}`,
  });
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
      type SessionPayload { tokens: SessionTokens userErrors: [UserError!]! }
      type SessionTokens { accessToken: String! expiresAt: String! refreshToken: String! }
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
          refreshes += 1;
          return { tokens: tokens(input.refreshToken.split('/')[0] ?? '', 600_000), userErrors: [] };
        },
      },
    },
  });
}
