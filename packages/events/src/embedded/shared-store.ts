import { mkdirSync, realpathSync } from 'node:fs';
import { createDoorbell } from './doorbell.ts';
import { openStore, type LogStore } from './store.ts';
import { createWatch, type Watch } from './watch.ts';

interface SharedStore {
  readonly store: LogStore;
  readonly watch: Watch;
  users: number;
}

/**
 * The one exception to "no global state": lmdb forbids a process to open an environment twice (a second opening
 * can deadlock with a transaction of the first), and services that share a process each make their log. Sharing
 * also puts their appends into one group commit, and has one watch wake all their readers. On globalThis, because each bundle has this module once.
 */
const KEY = 'lyceum.event-log.stores';
const holder = globalThis as { [KEY]?: Map<string, SharedStore> };

/** The store of a directory; the last `release` closes it. */
export function acquireStore(directory: string): {
  store: LogStore;
  watch: Watch;
  release: () => Promise<void>;
} {
  mkdirSync(directory, { recursive: true });
  const path = realpathSync(directory);
  const stores = (holder[KEY] ??= new Map<string, SharedStore>());
  const entry = stores.get(path) ?? open(path);
  stores.set(path, entry);
  entry.users += 1;
  return {
    store: entry.store,
    watch: entry.watch,
    release: async () => {
      entry.users -= 1;
      // Opening it anew while a transaction runs would deadlock: until it is quiet, a new user gets this one.
      await entry.store.idle();
      if (entry.users > 0 || stores.get(path) !== entry) return;
      stores.delete(path);
      entry.watch.close();
      await entry.store.close();
    },
  };
}

function open(directory: string): SharedStore {
  const store = openStore(directory);
  return { store, watch: createWatch(store, createDoorbell(directory)), users: 0 };
}
