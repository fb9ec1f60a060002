import { TokenError } from '@lyceum/service';

/** An access token given for a personal access token, and when it ends. */
export interface ExchangedToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

/**
 * Exchanges a personal access token at identity (RFC 8693, 2.1).
 *
 * @throws TokenError where it opens nothing; any other error where identity can't say
 */
export type ExchangeToken = (personalAccessToken: string) => Promise<ExchangedToken>;

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const subjectTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/** @param options.url of identity's token endpoint */
export function createTokenExchange(options: { url: string; timeoutMs: number }): ExchangeToken {
  return async (personalAccessToken) => {
    const asked = Date.now();
    const response = await fetch(options.url, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: grantType,
        subject_token: personalAccessToken,
        subject_token_type: subjectTokenType,
      }),
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    const answer = (await response.json()) as { access_token?: string; expires_in?: number };
    if (response.status === 400) throw new TokenError('The personal access token is not valid.');
    if (!response.ok || !answer.access_token || answer.expires_in === undefined)
      throw new Error(`Identity's token endpoint answered ${response.status}.`);
    return {
      accessToken: answer.access_token,
      expiresAt: new Date(asked + answer.expires_in * 1_000),
    };
  };
}
