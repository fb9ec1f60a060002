/** How long to wait before a process is started again, and when to say that it keeps crashing. */
export interface BackOff {
  /** A crash at `now` (ms): the pause before the next start, and how many crashes the last minute saw. */
  afterCrash(now: number): { pauseMs: number; recentCrashes: number };
}

const firstPauseMs = 250;
const longestPauseMs = 10_000;
const memoryMs = 60_000;

/** Doubles with each crash of the last minute: a process that ran well for longer is started again at once. */
export function createBackOff(): BackOff {
  let crashes: number[] = [];
  return {
    afterCrash(now) {
      crashes = [...crashes.filter((at) => now - at < memoryMs), now];
      const pauseMs = Math.min(firstPauseMs * 2 ** (crashes.length - 1), longestPauseMs);
      return { pauseMs, recentCrashes: crashes.length };
    },
  };
}
