/** Tokens as identity gives them; `expiresAt` is when the access token ends. */
export interface Tokens {
  readonly accessToken: string;
  readonly expiresAt: string;
  readonly refreshToken: string;
}

/** Who is logged in, as the playground shows it. */
export interface Account {
  readonly name: string;
  readonly roles: readonly string[];
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string }[];
}

interface SessionPayload {
  readonly tokens: Tokens | null;
  /** What is wanted beside the password; of a refresh, nothing. */
  readonly challenge?: object | null;
  readonly userErrors: readonly { readonly message: string }[];
}

const logInOperation = `mutation LogIn($input: SessionCreateInput!) {
  sessionCreate(input: $input) {
    tokens { accessToken expiresAt refreshToken }
    challenge { kind }
    userErrors { message }
  }
}`;

const refreshOperation = `mutation Refresh($input: SessionRefreshInput!) {
  sessionRefresh(input: $input) {
    tokens { accessToken expiresAt refreshToken }
    userErrors { message }
  }
}`;

const viewerOperation = '{ viewer { user { name } roles } }';

/** @throws Error with what identity says, such as a wrong password. */
export async function createSession(email: string, password: string): Promise<Tokens> {
  const { sessionCreate } = await ask<{ sessionCreate: SessionPayload }>(logInOperation, { email, password });
  return tokensOf(sessionCreate);
}

/** The session has ended: its refresh token is good for nothing any more. */
export class SessionEnded extends Error {
  override name = 'SessionEnded';
}

/** @throws SessionEnded where identity refuses the refresh token; another Error where that is not known. */
export async function refreshSession(refreshToken: string): Promise<Tokens> {
  const { sessionRefresh } = await ask<{ sessionRefresh: SessionPayload }>(refreshOperation, {
    refreshToken,
  });
  if (!sessionRefresh.tokens) throw new SessionEnded(sessionRefresh.userErrors[0]?.message);
  return sessionRefresh.tokens;
}

export async function readAccount(accessToken: string): Promise<Account> {
  const { viewer } = await ask<{ viewer: { user: { name: string }; roles: string[] } | null }>(
    viewerOperation,
    undefined,
    accessToken,
  );
  if (!viewer) throw new Error('Nobody is logged in.');
  return { name: viewer.user.name, roles: viewer.roles };
}

async function ask<T>(query: string, input?: object, accessToken?: string): Promise<T> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
    },
    body: JSON.stringify({ query, variables: input ? { input } : {} }),
  });
  const { data, errors } = (await response.json()) as Answer<T>;
  if (errors?.[0] || !data) throw new Error(errors?.[0]?.message ?? 'The gateway gave no answer.');
  return data;
}

function tokensOf({ tokens, challenge, userErrors }: SessionPayload): Tokens {
  if (challenge)
    throw new Error('A second factor is wanted: run sessionCreate and sessionChallengeAnswer in the editor.');
  if (!tokens) throw new Error(userErrors[0]?.message ?? 'That did not work.');
  return tokens;
}
