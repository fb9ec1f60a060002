import { setTimeout as delay } from 'node:timers/promises';

/** The other side is not there, or not now: worth another try with the same ids. */
export class UnavailableError extends Error {
  override name = 'UnavailableError';
}

/** The run was asked to stop, and this is no longer waited for: nothing that is wrong. */
export class StoppedError extends Error {
  override name = 'StoppedError';
}

/** What is under way when the run is asked to stop has so long to end. */
const graceMs = 2_000;
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
 * @param options.onRetry told the reason of each failed try
 * @param options.stop aborted when the run is to end: then nothing is tried again
 * @throws the last error after `patienceMs`, and any other at once; StoppedError
 */
export async function withRetry<T>(
  attempt: () => Promise<T>,
  options: { patienceMs: number; onRetry: (reason: string) => void; stop: AbortSignal },
): Promise<T> {
  const { stop } = options;
  const deadline = performance.now() + options.patienceMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    try {
      return await unlessStopped(attempt(), stop);
    } catch (error) {
      const reason = reasonToRetry(error);
      if (reason === undefined || performance.now() + pause > deadline) throw error;
      options.onRetry(reason);
      await delay(pause, undefined, { signal: stop }).catch(() => {
        throw new StoppedError();
      });
    }
  }
}

/** Settles as the work does; what still goes on a while after the stop is left to itself. */
function unlessStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onStop = () => {
      timer = setTimeout(reject, graceMs, new StoppedError());
    };
    if (stop.aborted) onStop();
    else stop.addEventListener('abort', onStop, { once: true });
    void work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
    });
  });
}

function reasonToRetry(error: unknown): string | undefined {
  if (error instanceof UnavailableError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return code !== undefined && connectionCodes.includes(code) ? code : undefined;
}
