/** What is kept. */
export interface Sized {
  /** In characters. */
  readonly size: number;
}

/** What was used most recently. */
export interface RecentlyUsed<Entry extends Sized> {
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry): void;
  /** Those that were used last come last. */
  values(): Iterable<Entry>;
}

/**
 * Keeps the entries that were used most recently, of `maxSize` in sum: what is kept differs in size by a factor of a thousand, so
 * that a number of them would bound nothing. The newest stays, however large it is: it is about to be used.
 */
export function createRecentlyUsed<Entry extends Sized>(maxSize: number): RecentlyUsed<Entry> {
  const entries = new Map<string, Entry>();
  let size = 0;

  function remove(key: string): void {
    size -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  }

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
