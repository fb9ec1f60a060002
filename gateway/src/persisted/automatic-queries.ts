import { createRecentlyUsed, type Sized } from '../recently-used.ts';

/** Documents that clients have shown, by their hashes. */
export interface AutomaticQueries {
  get(hash: string): string | undefined;
  set(hash: string, query: string): void;
}

/** Keeps the most recently used ones, of `maxSize` characters in sum; one that is larger than a hundredth of it, not. */
export function createAutomaticQueries(maxSize = 10 * 2 ** 20): AutomaticQueries {
  const queries = createRecentlyUsed<Sized & { readonly query: string }>(maxSize);
  return {
    get: (hash) => queries.get(hash)?.query,
    set(hash, query) {
      const size = query.length;
      if (size <= maxSize / 100) queries.set(hash, { query, size });
    },
  };
}
