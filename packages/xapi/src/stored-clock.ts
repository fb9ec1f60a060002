import { timestampMicros } from './timestamp.ts';

/**
 * The clock behind `stored` (Data 2.4.8). Each reading is later than the one before, by a microsecond at least
 * and though the system's clock steps back, so that `stored` orders the statements of one process fully. After a step back
 * it goes on from where it was, half as fast as time, until the system's clock has come up with it.
 */
export interface StoredClock {
  /** The next instant, as `2026-11-21T10:00:00.000000Z`. */
  next(): string;
  /** What it is now: what was read before is no later, what is read from here on is later. */
  current(): string;
  /** From here on it reads later than that, an instant in the same form. */
  advance(instant: string): void;
}

/** A burst of statements runs ahead of the system's clock by a microsecond each: that is no step back. */
const aheadMicros = 10_000;

/** Of a microsecond, for each microsecond of time, while the system's clock is behind. */
const slowness = 0.5;

/**
 * @param now Unix milliseconds, Date.now unless a test says otherwise
 * @param elapsed milliseconds that nobody sets back, from whenever
 */
export function createStoredClock(
  now: () => number = Date.now,
  elapsed: () => number = () => performance.now(),
): StoredClock {
  let last = 0;
  let millis = 0;
  let prefix = '';
  let behind: { from: number; at: number } | undefined;

  function system(): number {
    const micros = now() * 1000;
    if (micros >= last - aheadMicros) {
      behind = undefined;
      return micros;
    }
    const at = elapsed();
    behind ??= { from: last, at };
    return Math.max(micros, behind.from + Math.floor((at - behind.at) * 1000 * slowness));
  }

  function format(micros: number): string {
    const whole = Math.floor(micros / 1000);
    if (whole !== millis) {
      millis = whole;
      prefix = new Date(whole).toISOString().slice(0, -1);
    }
    return `${prefix}${String(micros - whole * 1000 + 1000).slice(1)}Z`;
  }

  return {
    next() {
      last = Math.max(system(), last + 1);
      return format(last);
    },
    current() {
      last = Math.max(system(), last);
      return format(last);
    },
    advance(instant) {
      const micros = Number(timestampMicros(instant));
      if (micros <= last) return;
      last = micros;
      behind = undefined;
    },
  };
}
