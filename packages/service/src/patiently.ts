import { setTimeout as delay } from 'node:timers/promises';

/**
 * What other services own is known to a service from their events, as a rule some milliseconds after the fact. A client
 * that has just published a course, or enrolled, must not be told that it did not: before saying no, the question is
 * asked again until the patience ends.
 *
 * @returns what `read` found, or undefined where it found nothing in time.
 */
export async function patiently<T>(
  read: () => Promise<T | null | undefined>,
  patienceMs: number,
): Promise<T | undefined> {
  const deadline = Date.now() + patienceMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 200)) {
    const found = await read();
    if (found != null) return found;
    if (Date.now() + pauseMs > deadline) return undefined;
    await delay(pauseMs);
  }
}
