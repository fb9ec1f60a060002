import { setTimeout as delay } from 'node:timers/promises';

/** Polls `condition` until it neither throws nor gives false. */
export async function eventually(
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let reason: unknown = 'the condition stayed false';
    try {
      if (await condition()) return;
    } catch (error) {
      reason = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms`, { cause: reason });
    await delay(20);
  }
}
