import type { Tokens } from './identity.ts';

/** A tab asks who has renewed this refresh token; or it was renewed, by whoever says so. */
type Message = { readonly asked: string } | { readonly spent: string; readonly tokens: Tokens };

/**
 * A duplicated tab has the same refresh token, which is good for one renewal: who spends it a second time ends the
 * session. So tabs renew one at a time, and tell each other what came of it. (The session itself stays a tab's own:
 * in another one may be somebody else.)
 */
export interface RenewalAcrossTabs {
  /** Runs `renew` while no other tab does. */
  alone<T>(renew: () => Promise<T>): Promise<T>;
  /** Gives the other tabs time to say that they have renewed it already; `adopt` was called if one has. */
  askOthers(refreshToken: string): Promise<void>;
  tell(spent: string, tokens: Tokens): void;
}

const answerMs = 250;

/** @param adopt takes over the tokens for which another tab spent a refresh token. */
export function renewalAcrossTabs(adopt: (spent: string, tokens: Tokens) => void): RenewalAcrossTabs {
  const channel = new BroadcastChannel('lyceum.renewal');
  const spentHere = new Set<string>();
  const waiting = new Map<string, () => void>();
  let latest: Tokens | undefined;

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if ('asked' in data) {
      if (latest && spentHere.has(data.asked)) channel.postMessage({ spent: data.asked, tokens: latest });
      return;
    }
    adopt(data.spent, data.tokens);
    waiting.get(data.spent)?.();
  };

  return {
    // Browsers have locks on https and on localhost only.
    alone: (renew) => ('locks' in navigator ? navigator.locks.request('lyceum.renewal', renew) : renew()),
    async askOthers(refreshToken) {
      const answered = new Promise<void>((resolve) => {
        waiting.set(refreshToken, resolve);
        setTimeout(resolve, answerMs);
      });
      channel.postMessage({ asked: refreshToken });
      await answered;
      waiting.delete(refreshToken);
    },
    tell(spent, tokens) {
      spentHere.add(spent);
      latest = tokens;
      channel.postMessage({ spent, tokens });
    },
  };
}
