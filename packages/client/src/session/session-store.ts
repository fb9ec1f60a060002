import { globals, type Channel, type KeyValueStorage, type Locks } from '../platform.ts';
import type { KeptSession } from './tokens.ts';

/** The session where all tabs see it. */
export interface SessionStore {
  read(): KeptSession | undefined;
  /** Undefined: nobody is logged in. */
  write(session: KeptSession | undefined): void;
  /** Runs `work` while no other tab does. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

/**
 * Keeps a session in a storage that tabs may share. Where the browser has locks, tabs renew one after the other; where it
 * has none (pages over plain http), identity exchanges a refresh token again for some seconds.
 *
 * @param options.onChange called when another tab has written
 */
export function createSessionStore(options: {
  storage: KeyValueStorage;
  name: string;
  onChange: () => void;
}): SessionStore {
  const { storage, name, onChange } = options;
  const channel = openChannel(name, onChange);
  const locks = globals().navigator?.locks ?? locksOf(storage);
  let lastText: string | null = null;
  let lastRead: KeptSession | undefined;

  return {
    // Asked before each request: what has not changed is not parsed anew, and stays the same object.
    read() {
      const text = storage.getItem(name);
      if (text !== lastText) {
        lastText = text;
        lastRead = parsed(text);
      }
      return lastRead;
    },
    write(session) {
      if (session) storage.setItem(name, JSON.stringify(session));
      else storage.removeItem(name);
      channel?.postMessage('changed');
    },
    alone: (work) => locks.request(name, work),
    close: () => channel?.close(),
  };
}

/** Whoever listens holds Node's process, unless it is told otherwise afterwards. */
function openChannel(name: string, onMessage: () => void): Channel | undefined {
  const { BroadcastChannel } = globals();
  const channel = BroadcastChannel && new BroadcastChannel(name);
  channel?.addEventListener('message', onMessage);
  channel?.unref?.();
  return channel;
}

const locksByStorage = new WeakMap<KeyValueStorage, Locks>();

/** For who shares a storage within one page or process. */
function locksOf(storage: KeyValueStorage): Locks {
  const known = locksByStorage.get(storage);
  if (known) return known;
  const last = new Map<string, Promise<unknown>>();
  const locks: Locks = {
    request(name, callback) {
      const turn = (last.get(name) ?? Promise.resolve()).then(callback, callback);
      last.set(name, turn);
      return turn;
    },
  };
  locksByStorage.set(storage, locks);
  return locks;
}

/** What somebody else has written under this name is no session. */
function parsed(text: string | null): KeptSession | undefined {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<Record<keyof KeptSession, unknown>> | null;
    const texts = [value?.key, value?.accessToken, value?.expiresAt, value?.refreshToken];
    const isSession = texts.every((each) => typeof each === 'string') && typeof value?.until === 'number';
    return isSession ? (value as unknown as KeptSession) : undefined;
  } catch {
    return undefined;
  }
}
