/** Lets some do something at once, and the others when it is their turn: in order, but for who has enough already. */
export interface Turns {
  /** Resolves when it is the caller's turn, which lasts until they call what it resolves with. */
  take(owner: string): Promise<() => void>;
}

interface Waiting {
  readonly owner: string;
  readonly begin: () => void;
}

/** @param o.each how many of one owner at once */
export function createTurns(o: { all: number; each: number }): Turns {
  const waiting: Waiting[] = [];
  const running = new Map<string, number>();
  let all = 0;

  const isFree = (owner: string) => all < o.all && (running.get(owner) ?? 0) < o.each;

  function count(owner: string, by: 1 | -1): void {
    const own = (running.get(owner) ?? 0) + by;
    if (own === 0) running.delete(owner);
    else running.set(owner, own);
    all += by;
  }

  function endOf(owner: string): () => void {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      count(owner, -1);
      const next = waiting.findIndex((each) => isFree(each.owner));
      if (next >= 0) waiting.splice(next, 1)[0]?.begin();
    };
  }

  return {
    take(owner) {
      return new Promise((resolve) => {
        const begin = () => {
          count(owner, 1);
          resolve(endOf(owner));
        };
        if (isFree(owner)) begin();
        else waiting.push({ owner, begin });
      });
    },
  };
}
