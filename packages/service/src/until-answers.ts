import { setTimeout as delay } from 'node:timers/promises';
import { redactUrl } from './redact-url.ts';
import { StartError } from './start-error.ts';

/** An engine did not answer: which, where, for how long it was tried, and why the last try failed. */
export class EngineUnreachableError extends StartError {
  override name = 'EngineUnreachableError';
}

/**
 * Tries `probe` until it succeeds. An engine that starts beside its service is given time; one that is not there is
 * named.
 *
 * @throws EngineUnreachableError after `timeoutMs` (30 s unless told).
 */
export async function untilAnswers<T>(
  engine: { name: string; variable: string; url: string },
  probe: () => Promise<T>,
  { timeoutMs = 30_000, pauseMs = 200 }: { timeoutMs?: number; pauseMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() + pauseMs >= deadline) throw unreachable(engine, timeoutMs, error);
      await delay(pauseMs);
    }
  }
}

function unreachable(
  engine: { name: string; variable: string; url: string },
  timeoutMs: number,
  cause: unknown,
) {
  const reason =
    cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
  const address = URL.canParse(engine.url) ? redactUrl(engine.url) : engine.url;
  return new EngineUnreachableError(
    `${engine.name} at ${address} does not answer (tried for ${Math.round(timeoutMs / 1000)} s; last: ${reason}). ` +
      `Start it, or set ${engine.variable}.`,
    { cause },
  );
}
