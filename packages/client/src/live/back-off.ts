import { globals } from '../platform.ts';

/** When to connect again: all that waits does so together. */
export interface BackOff {
  /** Resolves when the next attempt may be made. */
  readonly turn: () => Promise<void>;
  /** A connection came about. */
  connected(): void;
  /** It was lost, or did not come about. @returns how long the next attempt waits, in milliseconds */
  lost(): number;
  /** What was asked for over a connection that is open is not to be had at the moment. */
  readonly pause: () => void;
  /** Nobody has to wait any more. */
  close(): void;
}

/** A connection that lasted as long was a good one: the next pause is short again. */
const goodMs = 10_000;

/**
 * Pauses that double from `firstMs` to `longestMs`, each with up to half of it by chance: thousands of pages that lost a
 * gateway in one instant do not come back in one.
 */
export function createBackOff({ firstMs, longestMs }: { firstMs: number; longestMs: number }): BackOff {
  let failures = 0;
  let since: number | undefined;
  let waiting: { readonly over: Promise<void>; readonly until: number; end: () => void } | undefined;
  const online = () => {
    waiting?.end();
  };
  globals().addEventListener?.('online', online);

  function wait(ms: number): void {
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const timer = setTimeout(() => {
      end();
    }, ms);
    const current = {
      over: over.then(() => {
        clearTimeout(timer);
        if (waiting === current) waiting = undefined;
      }),
      until: Date.now() + ms,
      end,
    };
    waiting = current;
  }

  /** What comes while there is a pause belongs to it: ten subscriptions are not ten failures. */
  function paused(): number {
    if (waiting) return Math.max(waiting.until - Date.now(), 0);
    if (since !== undefined && Date.now() - since >= goodMs) failures = 0;
    const pauseMs = Math.min(firstMs * 2 ** failures, longestMs) * (0.75 + Math.random() / 2);
    failures += 1;
    wait(pauseMs);
    return pauseMs;
  }

  return {
    turn: async () => waiting?.over,
    connected() {
      since = Date.now();
    },
    lost() {
      const pauseMs = paused();
      since = undefined;
      return pauseMs;
    },
    pause() {
      paused();
      if (since !== undefined) since = Date.now();
    },
    close() {
      globals().removeEventListener?.('online', online);
      waiting?.end();
    },
  };
}
