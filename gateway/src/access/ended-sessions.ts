/** The sessions, API clients and personal access tokens that have ended while an access token of theirs may be valid. */
export interface EndedSessions {
  has(sessionId: string): boolean;
  /**
   * Calls `ended` when the session has: at once, where it has already.
   *
   * @returns how to stop watching
   */
  onEnd(sessionId: string, ended: () => void): () => void;
}

/** What learns of them. */
export interface EndedSessionsList extends EndedSessions {
  /** @param until from when none of its access tokens can be valid: it is remembered until then */
  add(sessionId: string, until: Date): void;
}

const sweepEveryMs = 60_000;

export function createEndedSessions(now: () => number = Date.now): EndedSessionsList {
  const until = new Map<string, number>();
  const watchers = new Map<string, Set<() => void>>();
  let sweptAt = now();

  /** Now and then, when one is added: the list grows only by that. */
  function sweep(): void {
    if (now() - sweptAt < sweepEveryMs) return;
    sweptAt = now();
    for (const [sessionId, end] of until) if (end <= sweptAt) until.delete(sessionId);
  }

  function watch(sessionId: string, ended: () => void): () => void {
    const watching = watchers.get(sessionId) ?? new Set();
    watchers.set(sessionId, watching.add(ended));
    return () => {
      watching.delete(ended);
      if (watching.size === 0 && watchers.get(sessionId) === watching) watchers.delete(sessionId);
    };
  }

  return {
    has: (sessionId) => until.has(sessionId),
    onEnd(sessionId, ended) {
      // One function may be given for several sessions, and several times for one.
      const once = () => {
        ended();
      };
      if (!until.has(sessionId)) return watch(sessionId, once);
      once();
      return () => undefined;
    },
    add(sessionId, end) {
      sweep();
      if (end.getTime() <= now()) return;
      until.set(sessionId, end.getTime());
      const watching = watchers.get(sessionId) ?? [];
      watchers.delete(sessionId);
      for (const ended of watching) ended();
    },
  };
}
