/**
 * The clock behind `stored` (Data 2.4.8). Each reading is later than the one before, by a microsecond at least
 * and though the system's clock steps back, so that `stored` orders the statements of one process fully.
 */
export interface StoredClock {
  /** The next instant, as `2026-11-21T10:00:00.000000Z`. */
  next(): string;
}

/** @param now Unix milliseconds, Date.now unless a test says otherwise. */
export function createStoredClock(now: () => number = Date.now): StoredClock {
  let last = 0;
  let millis = 0;
  let prefix = '';
  return {
    next() {
      last = Math.max(now() * 1000, last + 1);
      const whole = Math.floor(last / 1000);
      if (whole !== millis) {
        millis = whole;
        prefix = new Date(whole).toISOString().slice(0, -1);
      }
      return `${prefix}${String(last - whole * 1000 + 1000).slice(1)}Z`;
    },
  };
}
