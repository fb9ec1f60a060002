import { setTimeout as delay } from 'node:timers/promises';

/** How many actions are due. */
export interface Pace {
  /** Waits until at least one is due, and answers how many; 0 when the time is over or it was aborted. */
  due(): Promise<number>;
  /** No pace at all: as many as can be sent. */
  readonly full: boolean;
  /** From 0 to 1. */
  elapsedShare(): number;
}

const tickMs = 20;
/** At full speed so many are taken at a time, so that the clock is looked at now and then. */
const gulp = 200;

/**
 * Spreads actions evenly over the minutes. What could not be sent in its time, because the system was away, is due at
 * once when it is back, as it is with real learners' tools.
 */
export function createPace(options: { rate: number | 'max'; minutes: number; signal: AbortSignal }): Pace {
  const { rate, signal } = options;
  const durationMs = options.minutes * 60_000;
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  let taken = 0;

  async function dueAt(rateNumber: number): Promise<number> {
    const total = Math.round((rateNumber * durationMs) / 1000);
    for (;;) {
      if (signal.aborted || taken >= total) return 0;
      const due = Math.min(Math.floor((Math.min(elapsed(), durationMs) / 1000) * rateNumber), total) - taken;
      if (due > 0) {
        taken += due;
        return due;
      }
      if (elapsed() >= durationMs) return 0;
      await delay(tickMs);
    }
  }

  return {
    due: () => {
      if (rate !== 'max') return dueAt(rate);
      return Promise.resolve(signal.aborted || elapsed() >= durationMs ? 0 : gulp);
    },
    full: rate === 'max',
    elapsedShare: () => Math.min(1, elapsed() / durationMs),
  };
}
