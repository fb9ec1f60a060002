/** At most so many pieces of work at a time. */
export interface Slots {
  /** Starts the work as soon as there is room; resolves when it was started, not when it is done. */
  start(work: () => Promise<void>): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** @param limit how many may be under way; who starts more waits, which is what slows a caller down */
export function createSlots(limit: number): Slots {
  const running = new Set<Promise<void>>();
  return {
    async start(work) {
      while (running.size >= limit) await Promise.race(running);
      const promise: Promise<void> = work().finally(() => running.delete(promise));
      running.add(promise);
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
