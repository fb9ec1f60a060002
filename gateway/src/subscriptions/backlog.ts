/** Bytes of events that wait for one client, over all its subscriptions. */
export interface Backlog {
  /** Whether `bytes` more are within the limit. */
  fits(bytes: number): boolean;
  take(bytes: number): void;
  give(bytes: number): void;
}

/** @param limit in bytes; one event that is larger fits where nothing else waits. */
export function createBacklog(limit: number): Backlog {
  let held = 0;
  return {
    fits: (bytes) => held === 0 || held + bytes <= limit,
    take(bytes) {
      held += bytes;
    },
    give(bytes) {
      held -= bytes;
    },
  };
}
