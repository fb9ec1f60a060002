/** What is kept of an operation. */
export interface Sized {
  /** Characters of JSON. */
  readonly size: number;
}

/** The operations of one supergraph, ready to be executed. */
export interface PlanCache<Entry extends Sized> {
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry): void;
  /** Those that were used last come last. */
  values(): Iterable<Entry>;
}

const mebibyte = 2 ** 20;

/**
 * A cache of those that were most recently used, of `maxSize` characters of JSON in sum (30 Mi, as the gateway's own store
 * has it): plans differ by a factor of a thousand, so that a number of them would bound nothing.
 */
export function createPlanCache<Entry extends Sized>(maxSize = 30 * mebibyte): PlanCache<Entry> {
  const entries = new Map<string, Entry>();
  let size = 0;

  function remove(key: string): void {
    size -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  }

  /** All but the newest may go: that one is about to be run. */
  function shrink(): void {
    for (const key of entries.keys()) {
      if (size <= maxSize || entries.size === 1) return;
      remove(key);
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry;
    },
    set(key, entry) {
      remove(key);
      entries.set(key, entry);
      size += entry.size;
      shrink();
    },
    values: () => entries.values(),
  };
}
