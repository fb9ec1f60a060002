import { createHash } from 'node:crypto';
import { isSecret, TokenError } from '@lyceum/service';
import type { ExchangeToken } from './exchange-token.ts';

/** What services accept in place of a personal access token, which they do not know. */
export interface PersonalAccessTokens {
  /**
   * An access token with half of its life before it at least.
   *
   * @throws TokenError where the personal access token opens nothing; any other error where nobody can say
   */
  accessTokenOf(personalAccessToken: string): Promise<string>;
}

interface Entry {
  readonly accessToken: Promise<string>;
  /** In milliseconds since 1970; Infinity while it is asked for. */
  until: number;
}

/** Tokens remembered at most, those that were refused too: made up ones must not fill memory. */
const size = 10_000;
const refusedForMs = 5_000;

/** Exchanges each once for all that come with it at a time, and remembers the answer by the token's hash. */
export function createPersonalAccessTokens(
  exchange: ExchangeToken,
  now: () => number = Date.now,
): PersonalAccessTokens {
  const entries = new Map<string, Entry>();

  function ask(key: string, personalAccessToken: string): Promise<string> {
    const exchanged = exchange(personalAccessToken);
    const entry: Entry = { accessToken: exchanged.then(({ accessToken }) => accessToken), until: Infinity };
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > size) entries.delete(entries.keys().next().value ?? '');
    exchanged.then(
      ({ expiresAt }) => {
        entry.until = now() + (expiresAt.getTime() - now()) / 2;
      },
      (error: unknown) => {
        if (error instanceof TokenError) entry.until = now() + refusedForMs;
        else if (entries.get(key) === entry) entries.delete(key);
      },
    );
    return entry.accessToken;
  }

  return {
    async accessTokenOf(personalAccessToken) {
      if (!isSecret('lyp', personalAccessToken))
        throw new TokenError('The personal access token is not valid.');
      const key = createHash('sha256').update(personalAccessToken).digest('base64');
      const known = entries.get(key);
      return known && known.until > now() ? known.accessToken : ask(key, personalAccessToken);
    },
  };
}
