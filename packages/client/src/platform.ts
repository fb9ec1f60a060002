/** What a browser has and a program may bring along. Structural, so that neither needs the other's types. */

/** As `localStorage`; what is kept in it is shared by all tabs of an origin. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** As `navigator.locks`: runs one callback of a name at a time, over all tabs of an origin. */
export interface Locks {
  request<T>(name: string, callback: () => Promise<T>): Promise<T>;
}

/** As `BroadcastChannel`. */
export interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  close(): void;
  /** Node alone: it does not keep the process. */
  unref?(): void;
}

export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body: string;
    readonly signal: AbortSignal | null;
  },
) => Promise<{ readonly status: number; json(): Promise<unknown> }>;

interface Globals {
  readonly fetch?: Fetch;
  readonly WebSocket?: unknown;
  readonly localStorage?: KeyValueStorage;
  readonly navigator?: { readonly locks?: Locks };
  readonly BroadcastChannel?: new (name: string) => Channel;
  readonly addEventListener?: (type: 'online', listener: () => void) => void;
  readonly removeEventListener?: (type: 'online', listener: () => void) => void;
}

export function globals(): Globals {
  return globalThis as unknown as Globals;
}

/** `localStorage` where it is there and allowed: a browser that blocks it throws when it is looked at. */
export function localStorageOptional(): KeyValueStorage | undefined {
  try {
    // Node has a getter that warns, and no file behind it, unless it is told one.
    return globals().navigator?.locks === undefined && !('document' in globalThis)
      ? undefined
      : globals().localStorage;
  } catch {
    return undefined;
  }
}

/** Kept as long as the page or the process lasts, and seen by nobody else. */
export function memoryStorage(): KeyValueStorage {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}
