import {
  createSession,
  readAccount,
  refreshSession,
  SessionEnded,
  type Account,
  type Tokens,
} from './identity.ts';
import { renewalAcrossTabs } from './renewal-across-tabs.ts';

/** Who is logged in here, and the token that says so, renewed before it ends. */
export interface Session {
  /** For React: changes identity when somebody else is logged in. */
  readonly account: () => Account | undefined;
  readonly onChange: (listener: () => void) => () => void;
  logIn(email: string, password: string): Promise<void>;
  logOut(): void;
  /**
   * An access token that is good for a while yet; undefined for a visitor.
   *
   * @throws Error while it cannot be renewed for another reason than that the session has ended.
   */
  token(): Promise<string | undefined>;
  /** Takes over the tokens of a login that was run in the editor. */
  adopt(result: unknown): void;
}

interface State {
  readonly tokens: Tokens;
  readonly account: Account;
}

const storageKey = 'lyceum.session';
/** Renewed this long before it ends, so that a clock that is a little wrong does no harm. */
const marginMs = 30_000;
/** Pauses before a renewal that got no answer is tried again. */
const pausesMs = [250, 1_000, 3_000];

export function createSessionStore(storage: Storage = sessionStorage): Session {
  const listeners = new Set<() => void>();
  let state = restore(storage);
  let renewal: Promise<string | undefined> | undefined;

  const acrossTabs = renewalAcrossTabs((spent, tokens) => {
    if (state?.tokens.refreshToken === spent) set({ ...state, tokens });
  });

  function set(next: State | undefined): void {
    state = next;
    if (next) storage.setItem(storageKey, JSON.stringify(next));
    else storage.removeItem(storageKey);
    for (const listener of listeners) listener();
  }

  async function begin(tokens: Tokens): Promise<void> {
    set({ tokens, account: await readAccount(tokens.accessToken) });
  }

  const held = () => state?.tokens.accessToken;

  /** Only identity's refusal ends the session; while the network is down, it may well be good. */
  async function renew(): Promise<string | undefined> {
    if (state) await acrossTabs.askOthers(state.tokens.refreshToken);
    if (!state || isFresh(state)) return held();
    const { tokens, account } = state;
    const isStill = () => state?.tokens.refreshToken === tokens.refreshToken;
    try {
      const renewed = await persistently(() => refreshSession(tokens.refreshToken));
      acrossTabs.tell(tokens.refreshToken, renewed);
      if (isStill()) set({ tokens: renewed, account });
    } catch (error) {
      if (!(error instanceof SessionEnded)) throw error;
      if (isStill()) set(undefined);
    }
    return held();
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
      if (isFresh(state)) return state.tokens.accessToken;
      // A refresh token is good for one renewal: whoever asks meanwhile waits for the same one.
      renewal ??= acrossTabs.alone(renew).finally(() => {
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

function isFresh({ tokens }: State): boolean {
  return Date.parse(tokens.expiresAt) - Date.now() > marginMs;
}

async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof SessionEnded) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return ask();
}

function restore(storage: Storage): State | undefined {
  const text = storage.getItem(storageKey);
  return text === null ? undefined : (JSON.parse(text) as State);
}

function tokensIn(result: unknown): Tokens | undefined {
  const { data } = result as {
    data?: Partial<Record<Login, { tokens?: Partial<Tokens> | null } | null>> | null;
  };
  const login = data?.sessionCreate ?? data?.sessionChallengeAnswer ?? data?.passkeyLoginFinish;
  const { accessToken, expiresAt, refreshToken } = login?.tokens ?? {};
  return accessToken && expiresAt && refreshToken ? { accessToken, expiresAt, refreshToken } : undefined;
}

/** The mutations that log in. */
type Login = 'sessionCreate' | 'sessionChallengeAnswer' | 'passkeyLoginFinish';
