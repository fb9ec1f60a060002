import { mkdirSync, realpathSync } from 'node:fs';
import { openStore, type LogStore } from './store.ts';

interface SharedStore {
  readonly store: LogStore;
  users: number;
}

/**
 * The one exception to "no global state": lmdb forbids a process to open an environment twice (a second opening
 * can deadlock with a transaction of the first), and services that share a process each make their log. Sharing
 * also puts their appends into one group commit. On globalThis, because each bundle has this module once.
 */
const KEY = 'lyceum.event-log.stores';
const holder = globalThis as { [KEY]?: Map<string, SharedStore> };

/** The store of a directory; the last `release` closes it. */
export function acquireStore(directory: string): { store: LogStore; release: () => Promise<void> } {
  mkdirSync(directory, { recursive: true });
  const path = realpathSync(directory);
  const stores = (holder[KEY] ??= new Map<string, SharedStore>());
  const entry = stores.get(path) ?? { store: openStore(path), users: 0 };
  stores.set(path, entry);
  entry.users += 1;
  return {
    store: entry.store,
    release: async () => {
      entry.users -= 1;
      // Opening it anew while a transaction runs would deadlock: until it is quiet, a new user gets this one.
      await entry.store.idle();
      if (entry.users > 0 || stores.get(path) !== entry) return;
      stores.delete(path);
      await entry.store.close();
    },
  };
}
