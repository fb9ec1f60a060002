/** A value that changes; fits React's `useSyncExternalStore(value.onChange, value.current)`. */
export interface Observable<T> {
  readonly current: () => T;
  /** @returns how to stop listening */
  readonly onChange: (listener: () => void) => () => void;
}

export interface Settable<T> extends Observable<T> {
  set(next: T): void;
}

export function createObservable<T>(first: T): Settable<T> {
  const listeners = new Set<() => void>();
  let value = first;
  return {
    current: () => value,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(next) {
      if (next === value) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
  };
}
