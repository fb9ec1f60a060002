import { startSubgraph, type TestSubgraph } from './subgraph.ts';

/** Identity as the package @lyceum/client speaks with it: accounts with the password `lyceum-demo`. */
export interface Login {
  readonly subgraph: TestSubgraph;
  /** Renewals that were asked for, refused ones too. */
  renewals(): number;
  /** Ends all sessions of the name. */
  end(name: string): void;
  /** How long access tokens last that are made from now on. */
  lasting(milliseconds: number): void;
}

const day = 86_400_000;

/** Tokens are such as `testVerifier` knows, each another one. A refresh token is good once. */
export async function startLogin(): Promise<Login> {
  const unspent = new Map<string, string>();
  let made = 0;
  let renewals = 0;
  let lifetimeMs = day;

  function tokens(name: string) {
    made += 1;
    const refreshToken = `refresh-${made}`;
    unspent.set(refreshToken, name);
    return {
      accessToken: `${name}:${lifetimeMs}:LEARNER:${made}`,
      expiresAt: new Date(Date.now() + lifetimeMs).toISOString(),
      refreshToken,
    };
  }

  function end(name: string): number {
    const theirs = [...unspent].filter(([, owner]) => owner === name);
    for (const [refreshToken] of theirs) unspent.delete(refreshToken);
    return theirs.length;
  }

  const nameIn = ({ authorization = '' }: { authorization?: string }) =>
    authorization.replace(/^Bearer |:.*$/g, '');
  const refused = (code: string, message: string) => ({ userErrors: [{ message, code }] });

  const subgraph = await startSubgraph({
    name: 'login',
    sdl: `
      type Query { me: String }
      type Mutation {
        sessionCreate(input: SessionCreateInput!): SessionCreatePayload!
        sessionRefresh(input: SessionRefreshInput!): SessionCreatePayload!
        sessionRevoke(input: SessionRevokeInput!): SessionRevokePayload!
        sessionsRevoke(input: SessionsRevokeInput!): SessionsRevokePayload!
      }
      input SessionCreateInput { email: String! password: String! organisation: String }
      input SessionRefreshInput { refreshToken: String! }
      input SessionRevokeInput { sessionId: ID }
      input SessionsRevokeInput { keepCurrent: Boolean! }
      type SessionCreatePayload { tokens: SessionTokens challenge: LoginChallenge userErrors: [UserError!]! }
      type SessionTokens { accessToken: String! expiresAt: String! refreshToken: String! }
      type LoginChallenge { token: String! kind: String! methods: [String!]! passkeyOptions: String expiresAt: String! }
      type SessionRevokePayload { sessionId: ID userErrors: [UserError!]! }
      type SessionsRevokePayload { ended: Int userErrors: [UserError!]! }
      type UserError { field: [String!] message: String! code: String! }
    `,
    resolvers: {
      Query: {
        me: (_: unknown, _arguments: unknown, context: { authorization?: string }) => nameIn(context) || null,
      },
      Mutation: {
        sessionCreate: (_: unknown, { input }: { input: { email: string; password: string } }) =>
          input.password === 'lyceum-demo'
            ? { tokens: tokens(input.email), userErrors: [] }
            : refused('CREDENTIALS_REFUSED', 'The e-mail address or the password is wrong.'),
        sessionRefresh: (_: unknown, { input }: { input: { refreshToken: string } }) => {
          renewals += 1;
          const name = unspent.get(input.refreshToken);
          unspent.delete(input.refreshToken);
          return name === undefined
            ? refused('SESSION_ENDED', 'The session has ended.')
            : { tokens: tokens(name), userErrors: [] };
        },
        sessionRevoke: (_: unknown, _arguments: unknown, context: { authorization?: string }) => {
          end(nameIn(context));
          return { sessionId: 'this', userErrors: [] };
        },
        sessionsRevoke: (_: unknown, _arguments: unknown, context: { authorization?: string }) => ({
          ended: end(nameIn(context)),
          userErrors: [],
        }),
      },
    },
  });
  return {
    subgraph,
    renewals: () => renewals,
    end,
    lasting(milliseconds) {
      lifetimeMs = milliseconds;
    },
  };
}
