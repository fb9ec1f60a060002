import { RequestFailed, SessionEnded } from '../errors.ts';
import type { SessionChallengeAnswerInput, SessionCreateInput } from '../generated/graphql.ts';
import { createObservable, type Observable } from '../observable.ts';
import type { KeyValueStorage } from '../platform.ts';
import type { Identity, Login } from './identity.ts';
import { createSessionStore } from './session-store.ts';
import { keptOf, type KeptSession, type Tokens } from './tokens.ts';

/** Who is logged in. `key` is another one after each login. */
export type SessionState =
  | { readonly status: 'visitor' }
  | { readonly status: 'logged-in'; readonly key: string }
  /** Identity said that it is over; nobody logged out here. */
  | { readonly status: 'ended' };

/** Being logged in, with tokens that are renewed before they end; shared by the tabs that share a storage. */
export interface Session {
  readonly state: Observable<SessionState>;
  /** Where a challenge comes back, it is answered by `answerChallenge`; where it is refused, it says why. */
  logIn(input: SessionCreateInput): Promise<Login>;
  answerChallenge(input: SessionChallengeAnswerInput): Promise<Login>;
  /** Takes over tokens of another way to log in: a passkey, single sign-on, a switch of the organisation. */
  adopt(tokens: Tokens): void;
  /** Ends this session, at identity where that can be reached, and here in any case. */
  logOut(): Promise<void>;
  /**
   * Ends all sessions of the person's in the organisation, or all but this one.
   *
   * @returns how many ended
   * @throws Unreachable, RequestFailed: then nothing has ended
   */
  logOutEverywhere(options?: { readonly keepThis?: boolean }): Promise<number>;
  /**
   * An access token that is good for a while yet; undefined for a visitor.
   *
   * @throws SessionEnded; Unreachable where it could not be renewed
   */
  token(): Promise<string | undefined>;
  /** The same, and another one than `refused`, which a server did not take or will not take much longer. */
  tokenInsteadOf(refused: string | undefined): Promise<string | undefined>;
  /**
   * The access token of now, however long it lasts, and when it ends by this machine's clock in milliseconds; undefined
   * for a visitor.
   */
  current(): { readonly accessToken: string; readonly until: number } | undefined;
  close(): void;
}

/** Pauses before a renewal that got no answer is tried again. */
const pausesMs = [200, 800, 2_500];
const visitor: SessionState = { status: 'visitor' };

/** @param options.marginMs how long before its end a token is renewed */
export function createSession(options: {
  identity: Identity;
  storage: KeyValueStorage;
  name: string;
  marginMs: number;
}): Session {
  const { identity, marginMs } = options;
  const store = createSessionStore({ ...options, onChange: look });
  const state = createObservable(stateOf(store.read()));
  let renewal: Promise<string | undefined> | undefined;

  /** Another tab may have written meanwhile. */
  function look(): KeptSession | undefined {
    const kept = store.read();
    const now = state.current();
    if (kept ? now.status !== 'logged-in' || now.key !== kept.key : now.status === 'logged-in')
      state.set(stateOf(kept));
    return kept;
  }

  function keep(tokens: Tokens, key: string): KeptSession {
    const kept = keptOf(tokens, key);
    store.write(kept);
    look();
    return kept;
  }

  function forget(after: SessionState): void {
    state.set(after);
    store.write(undefined);
  }

  function entered(login: Login): Login {
    if (login.outcome === 'tokens') keep(login.tokens, newKey());
    return login;
  }

  /** While no other tab does: one that waited finds what the one before has got. */
  async function renew(refused: string | undefined): Promise<string | undefined> {
    const kept = look();
    if (!kept) throw new SessionEnded('The session has ended.');
    if (kept.accessToken !== refused && isGood(kept)) return kept.accessToken;
    try {
      const tokens = await persistently(() => identity.refresh(kept.refreshToken));
      // Who logged out, or in as somebody else, while it was asked for wants no more of it.
      return look()?.key === kept.key ? keep(tokens, kept.key).accessToken : store.read()?.accessToken;
    } catch (error) {
      if (error instanceof SessionEnded && look()?.key === kept.key) forget({ status: 'ended' });
      throw error;
    }
  }

  const isGood = ({ until }: KeptSession) => until - Date.now() > marginMs;

  const session: Session = {
    state,
    logIn: async (input) => entered(await identity.logIn(input)),
    answerChallenge: async (input) => entered(await identity.answer(input)),
    adopt(tokens) {
      keep(tokens, newKey());
    },
    async logOut() {
      const kept = look();
      if (!kept) return;
      const token = await session.token().catch(() => undefined);
      forget(visitor);
      if (token !== undefined) await identity.revoke(token).catch(() => undefined);
    },
    async logOutEverywhere({ keepThis = false } = {}) {
      const token = await session.token();
      if (token === undefined) return 0;
      const ended = await identity.revokeAll(token, keepThis);
      if (!keepThis) forget(visitor);
      return ended;
    },
    async token() {
      const kept = look();
      if (!kept || isGood(kept)) return kept?.accessToken;
      return session.tokenInsteadOf(undefined);
    },
    async tokenInsteadOf(refused) {
      if (!look()) {
        if (state.current().status === 'ended') throw new SessionEnded('The session has ended.');
        return undefined;
      }
      // A refresh token is good for one renewal: whoever asks meanwhile waits for the same one.
      renewal ??= store
        .alone(() => renew(refused))
        .finally(() => {
          renewal = undefined;
        });
      return renewal;
    },
    current: look,
    close: () => {
      store.close();
    },
  };
  return session;
}

/** No secret: it tells one login from another. (`crypto.randomUUID` is there on https alone.) */
function newKey(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}

function stateOf(kept: KeptSession | undefined): SessionState {
  return kept ? { status: 'logged-in', key: kept.key } : visitor;
}

/** Only identity's refusal is an answer: while the network is down, the session may well be good. */
async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof SessionEnded || error instanceof RequestFailed) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.75 + Math.random() / 2)));
    }
  }
  return ask();
}
