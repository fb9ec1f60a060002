import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until `condition` answers without throwing; then answers the same. The last failure is thrown on. */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, pauseMs = 20 }: { timeoutMs?: number; pauseMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await condition();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(pauseMs);
    }
  }
}
