import { createSession, readAccount, refreshSession, type Account, type Tokens } from './identity.ts';

/** Who is logged in here, and the token that says so, renewed before it ends. */
export interface Session {
  /** For React: changes identity when somebody else is logged in. */
  readonly account: () => Account | undefined;
  readonly onChange: (listener: () => void) => () => void;
  logIn(email: string, password: string): Promise<void>;
  logOut(): void;
  /** An access token that is good for a while yet; undefined for a visitor. */
  token(): Promise<string | undefined>;
  /** Takes over the tokens of a `sessionCreate` that was run in the editor. */
  adopt(result: unknown): void;
}

interface State {
  readonly tokens: Tokens;
  readonly account: Account;
}

const storageKey = 'lyceum.session';
/** Renewed this long before it ends, so that a clock that is a little wrong does no harm. */
const marginMs = 30_000;

export function createSessionStore(storage: Storage = sessionStorage): Session {
  const listeners = new Set<() => void>();
  let state = restore(storage);
  let renewal: Promise<string | undefined> | undefined;

  function set(next: State | undefined): void {
    state = next;
    if (next) storage.setItem(storageKey, JSON.stringify(next));
    else storage.removeItem(storageKey);
    for (const listener of listeners) listener();
  }

  async function begin(tokens: Tokens): Promise<void> {
    set({ tokens, account: await readAccount(tokens.accessToken) });
  }

  async function renew({ tokens, account }: State): Promise<string | undefined> {
    try {
      const renewed = await refreshSession(tokens.refreshToken);
      set({ tokens: renewed, account });
      return renewed.accessToken;
    } catch {
      // The session ended elsewhere: back to a visitor, who can log in again.
      set(undefined);
      return undefined;
    }
  }

  return {
    account: () => state?.account,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async logIn(email, password) {
      await begin(await createSession(email, password));
    },
    logOut() {
      set(undefined);
    },
    async token() {
      if (!state) return undefined;
      if (Date.parse(state.tokens.expiresAt) - Date.now() > marginMs) return state.tokens.accessToken;
      // A refresh token is good for one renewal: whoever asks meanwhile waits for the same one.
      renewal ??= renew(state).finally(() => {
        renewal = undefined;
      });
      return renewal;
    },
    adopt(result) {
      const tokens = tokensIn(result);
      if (tokens) void begin(tokens);
    },
  };
}

function restore(storage: Storage): State | undefined {
  const text = storage.getItem(storageKey);
  return text === null ? undefined : (JSON.parse(text) as State);
}

function tokensIn(result: unknown): Tokens | undefined {
  const { data } = result as { data?: { sessionCreate?: { tokens?: Partial<Tokens> | null } | null } | null };
  const { accessToken, expiresAt, refreshToken } = data?.sessionCreate?.tokens ?? {};
  return accessToken && expiresAt && refreshToken ? { accessToken, expiresAt, refreshToken } : undefined;
}
