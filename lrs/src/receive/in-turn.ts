/** Runs what is about one thing one after the other, and what is about several beside each other. */
export type InTurn = <T>(about: string, work: () => Promise<T>) => Promise<T>;

/** For one process: whoever shares the thing with others needs more than this. */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return (about, work) => {
    const done = (last.get(about) ?? Promise.resolve()).then(work);
    const ended = done.catch(() => undefined);
    last.set(about, ended);
    void ended.then(() => {
      if (last.get(about) === ended) last.delete(about);
    });
    return done;
  };
}
