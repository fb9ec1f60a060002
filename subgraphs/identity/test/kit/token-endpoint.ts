import type { RunningIdentity } from './identity.ts';

/** What the token endpoint answered. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly access_token: string;
    readonly token_type?: string;
    readonly expires_in: number;
    readonly scope?: string;
    readonly issued_token_type?: string;
    readonly error?: string;
    readonly error_description?: string;
  };
}

/** Asks for an access token; `form` is sent form-encoded, a text as it is. */
export async function askForToken(
  { url }: Pick<RunningIdentity, 'url'>,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
  const response = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as TokenAnswer['body'],
  };
}

export const exchangeOf = (subjectToken: string) => ({
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token: subjectToken,
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
});
