/** Documents that clients have shown, by their hashes. */
export interface AutomaticQueries {
  get(hash: string): string | undefined;
  set(hash: string, query: string): void;
}

/** Keeps the most recently used ones, of `maxSize` characters in sum; one that is larger than a hundredth of it, not. */
export function createAutomaticQueries(maxSize = 10 * 2 ** 20): AutomaticQueries {
  const queries = new Map<string, string>();
  let size = 0;

  function remove(hash: string): void {
    size -= queries.get(hash)?.length ?? 0;
    queries.delete(hash);
  }

  function add(hash: string, query: string): void {
    remove(hash);
    queries.set(hash, query);
    size += query.length;
  }

  return {
    get(hash) {
      const query = queries.get(hash);
      if (query !== undefined) add(hash, query);
      return query;
    },
    set(hash, query) {
      if (query.length > maxSize / 100) return;
      add(hash, query);
      for (const oldest of queries.keys()) {
        if (size <= maxSize) return;
        remove(oldest);
      }
    },
  };
}
