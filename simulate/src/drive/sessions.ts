import type { Graph } from './graph.ts';

/** Somebody who is logged in. */
export interface Session {
  /** A token that is good for a while yet. */
  accessToken(): Promise<string>;
}

interface Tokens {
  accessToken: string;
  expiresAt: string;
  refreshToken: string;
}

/** A token is renewed this long before it ends. */
const marginMs = 60_000;

const tokenFields = 'tokens { accessToken expiresAt refreshToken } userErrors { message code }';

/** Logs in when the first token is needed, and goes on with the refresh token. */
export function createSession(graph: Graph, email: string, password: string): Session {
  let tokens: Tokens | undefined;
  let renewal: Promise<Tokens> | undefined;

  async function logIn(): Promise<Tokens> {
    const { sessionCreate } = await graph.request<{ sessionCreate: { tokens: Tokens } }>(
      `mutation LogIn($input: SessionCreateInput!) { sessionCreate(input: $input) { ${tokenFields} } }`,
      { input: { email, password } },
    );
    return sessionCreate.tokens;
  }

  async function refresh({ refreshToken }: Tokens): Promise<Tokens> {
    const { sessionRefresh } = await graph.request<{ sessionRefresh: { tokens: Tokens } }>(
      `mutation Refresh($input: SessionRefreshInput!) { sessionRefresh(input: $input) { ${tokenFields} } }`,
      { input: { refreshToken } },
    );
    return sessionRefresh.tokens;
  }

  async function renew(): Promise<Tokens> {
    // A refresh whose answer was lost has spent its token; logging in again always works.
    tokens = tokens ? await refresh(tokens).catch(logIn) : await logIn();
    return tokens;
  }

  return {
    async accessToken() {
      if (tokens && Date.parse(tokens.expiresAt) - Date.now() > marginMs) return tokens.accessToken;
      // One for all who ask meanwhile: a refresh token that is sent twice counts as stolen.
      renewal ??= renew().finally(() => {
        renewal = undefined;
      });
      return (await renewal).accessToken;
    },
  };
}
