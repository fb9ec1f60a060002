import type { KeyHash } from './key-hash.ts';

/**
 * The keys that were claimed last, in memory: which entry of the store may hold a key. It never misses one of those that
 * it keeps; that an entry holds a key is seen in the entry itself.
 */
export interface RecentKeys {
  add(hash: KeyHash, entry: number): void;
  /** The newest entry that may hold the key and passes the test. */
  find(hash: KeyHash, test: (entry: number) => boolean): number | undefined;
  /** Keys of entries before this one may have been forgotten; 0 while none has. */
  readonly forgottenBefore: number;
}

/** Slots of the first table and of the largest, each of 8 bytes. */
const smallestTable = 2 ** 12;
const largestTable = 2 ** 20;
const fill = 0.7;

/** @param limit keys that are kept at least, once so many have come; it may be three times as many */
export function createRecentKeys(limit: number): RecentKeys {
  let tables = [createTable(smallestTable, 0)];
  let forgottenBefore = 0;

  function grow(entry: number): KeyTable {
    const slots = Math.min((tables[0]?.slots ?? smallestTable) * 2, largestTable);
    const table = createTable(slots, entry);
    tables.unshift(table);
    forget();
    return table;
  }

  /** What comes behind enough newer keys. An entry's keys may begin in one table and go on in the next. */
  function forget(): void {
    let newer = 0;
    const kept = tables.findIndex((table) => (newer += table.count) >= limit);
    if (kept < 0 || kept === tables.length - 1) return;
    tables = tables.slice(0, kept + 1);
    forgottenBefore = (tables.at(-1)?.firstEntry ?? 0) + 1;
  }

  return {
    add(hash, entry) {
      const [newest] = tables;
      const isFull = newest === undefined || newest.count >= newest.slots * fill;
      (isFull ? grow(entry) : newest).add(hash, entry);
    },
    find(hash, test) {
      for (const table of tables) {
        const found = table.find(hash, test);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    get forgottenBefore() {
      return forgottenBefore;
    },
  };
}

interface KeyTable {
  readonly slots: number;
  readonly firstEntry: number;
  readonly count: number;
  add(hash: KeyHash, entry: number): void;
  find(hash: KeyHash, test: (entry: number) => boolean): number | undefined;
}

/** Entries of a write that failed come again with their numbers: a little before the first. */
const slack = 2 ** 20;

/** Open addressing; an entry is kept as its distance from the base, which is no zero: that is an empty slot. */
function createTable(slots: number, firstEntry: number): KeyTable {
  const base = firstEntry - slack;
  const marks = new Uint32Array(slots);
  const distances = new Uint32Array(slots);
  const mask = slots - 1;
  let count = 0;
  return {
    slots,
    firstEntry,
    get count() {
      return count;
    },
    add({ place, mark }, entry) {
      let at = place & mask;
      while (distances[at] !== 0) at = (at + 1) & mask;
      marks[at] = mark;
      distances[at] = entry - base;
      count += 1;
    },
    find({ place, mark }, test) {
      for (let at = place & mask; distances[at] !== 0; at = (at + 1) & mask) {
        const entry = (distances[at] ?? 0) + base;
        if (marks[at] === mark && test(entry)) return entry;
      }
      return undefined;
    },
  };
}
