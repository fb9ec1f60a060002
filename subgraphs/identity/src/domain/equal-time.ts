import { setTimeout as delay } from 'node:timers/promises';

/** Longer than any of the work takes that it hides, on a machine that is not overloaded. */
const LEAST_MS = 400;

/**
 * Answers no sooner than after a fixed time: how long it took does not tell what was found. Failures too.
 */
export async function inEqualTime<T>(work: () => Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([work(), delay(LEAST_MS)]);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
