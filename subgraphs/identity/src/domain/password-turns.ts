import { availableParallelism } from 'node:os';

/**
 * How many passwords are worked on at once. argon2 fills a core for some 20 ms, in one of the four threads that Node
 * also signs tokens, verifies them and resolves names with: a core and a thread stay free of it, or many logins at a
 * time would make everybody else wait.
 */
export const passwordsAtOnce = Math.max(1, Math.min(availableParallelism() - 1, 3));

/** Lets so many pieces of work run at once; the others wait, and come in the order in which they asked. */
export function createTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = atOnce;

  /** A turn that ends is handed on, so that nobody comes between. */
  function handOn(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  async function turn(): Promise<void> {
    if (free === 0) return new Promise((resolve) => waiting.push(resolve));
    free -= 1;
  }

  return async (work) => {
    await turn();
    try {
      return await work();
    } finally {
      handOn();
    }
  };
}
