import { setTimeout as delay } from 'node:timers/promises';

/** How a query that nobody waits for any more is ended. */
export interface Cancelling {
  /** Aborted when the client is gone. */
  signal: AbortSignal;
  /** Asks the query to end; does not wait until it has. */
  cancel: () => Promise<void>;
  /** Told of each {@link Cancelling.cancel} that failed. */
  onFailure: (error: unknown) => void;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Waits for `running`. Once the signal is aborted, the query is asked to end, and again until it has: KILL QUERY passes
 * over one that the engine has not registered yet, and may fail itself; either way the query would run on for nobody.
 */
export async function untilEnded<Result>(
  running: Promise<Result>,
  { signal, cancel, onFailure }: Cancelling,
): Promise<Result> {
  const ended = new AbortController();
  let asking: Promise<void> | undefined;
  const begin = (): void => {
    asking = keepAsking(cancel, ended.signal, onFailure);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  try {
    return await running;
  } finally {
    signal.removeEventListener('abort', begin);
    ended.abort();
    // What was asked last could otherwise meet the connection's next statement.
    await asking;
  }
}

async function keepAsking(
  cancel: Cancelling['cancel'],
  ended: AbortSignal,
  onFailure: Cancelling['onFailure'],
): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; !ended.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    await cancel().catch(onFailure);
    // Rejects when the query ends in the meantime: no reason to wait.
    await delay(pause, undefined, { signal: ended }).catch(() => undefined);
  }
}
