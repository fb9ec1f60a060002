import { setTimeout as delay } from 'node:timers/promises';

/** The other side is not there, or not now: worth another try with the same ids. */
export class UnavailableError extends Error {
  override name = 'UnavailableError';
}

const firstPauseMs = 50;
const longestPauseMs = 2_000;

/** Of undici and of the system: the connection failed, or broke before the answer was read. */
const connectionCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
];

/**
 * Tries again, with growing pauses, what fails because a service is away: it may have been killed after it did the
 * work and before it answered, so whatever is sent must be the same each time, ids included.
 *
 * @param onRetry told the reason of each failed try
 * @throws the last error after `patienceMs`, and any other at once
 */
export async function withRetry<T>(
  attempt: () => Promise<T>,
  options: { patienceMs: number; onRetry: (reason: string) => void },
): Promise<T> {
  const deadline = performance.now() + options.patienceMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    try {
      return await attempt();
    } catch (error) {
      const reason = reasonToRetry(error);
      if (reason === undefined || performance.now() + pause > deadline) throw error;
      options.onRetry(reason);
      await delay(pause);
    }
  }
}

function reasonToRetry(error: unknown): string | undefined {
  if (error instanceof UnavailableError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return code !== undefined && connectionCodes.includes(code) ? code : undefined;
}
