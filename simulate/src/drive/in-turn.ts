/** Runs pieces of work of one key one after another, those of different keys side by side. */
export type InTurn<Key> = (key: Key, work: () => Promise<void>) => Promise<void>;

/** @returns a function whose promise settles as the work does; work that fails does not hold up what follows it */
export function createInTurn<Key>(): InTurn<Key> {
  const last = new Map<Key, Promise<void>>();
  return (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const next = before.catch(() => undefined).then(work);
    last.set(key, next);
    return next;
  };
}
