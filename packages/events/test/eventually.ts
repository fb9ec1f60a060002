import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Resolves with what `probe` gives once it no longer throws. (@lyceum/testing has the same for the services; this
 * package can't use it, since it uses this package.)
 */
export async function eventually<T>(probe: () => T | Promise<T>, timeoutMs = 15_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(10);
    }
  }
}
