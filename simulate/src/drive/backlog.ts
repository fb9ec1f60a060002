/** Work that waits for its turn without holding up who hands it in. */
export interface Backlog {
  add(work: () => Promise<void>): void;
  /** Forgets what has not begun, and resolves when the rest is done. */
  finish(): Promise<void>;
}

/** @param limit how many may be under way */
export function createBacklog(limit: number): Backlog {
  const running = new Set<Promise<void>>();
  const waiting: (() => Promise<void>)[] = [];

  function next(): void {
    const work = running.size < limit ? waiting.shift() : undefined;
    if (!work) return;
    const promise: Promise<void> = work()
      .catch(() => undefined)
      .finally(() => {
        running.delete(promise);
        next();
      });
    running.add(promise);
  }

  return {
    add(work) {
      waiting.push(work);
      next();
    },
    async finish() {
      waiting.length = 0;
      await Promise.all(running);
    },
  };
}
