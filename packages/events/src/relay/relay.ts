import type { Logger } from '@lyceum/service';
import type { Client } from 'pg';
import { openSession } from './session.ts';
import { createWakeup, type Wakeup } from './wakeup.ts';

export interface RelayOptions {
  /** Of the database whose rows are to be sent on. */
  readonly connectionString: string;
  /** How its session is called in pg_stat_activity. */
  readonly name: string;
  /** The channel on which rows are announced (NOTIFY). */
  readonly channel: string;
  /** The number of an advisory lock: one relay a database works, others stand by. Undefined: all work. */
  readonly lock?: string | undefined;
  /** What a round has done may be undone by a crash of the server, and is then done once more. */
  readonly mayForget?: boolean | undefined;
  readonly logger: Logger;
  /** How often to look without having been notified. Default 1 s. */
  readonly pollMs?: number | undefined;
  /** Sends some rows on; answers whether more may wait. */
  readonly round: (client: Client) => Promise<boolean>;
  /** What is left to do when the relay is stopped, while the connection is there. */
  readonly drain?: (client: Client) => Promise<void>;
  readonly onFailure: () => void;
}

export interface Relay {
  /** There may be something to do. */
  wake(): void;
  /** Finishes what is in hand and closes the connection. What is left waits for the next relay. */
  stop(): Promise<void>;
}

interface Running {
  readonly options: RelayOptions;
  readonly wakeup: Wakeup;
  readonly stopping: AbortSignal;
  readonly pollMs: number;
}

const LONGEST_BACK_OFF_MS = 10_000;

/**
 * Sends rows on that were written with the change that they tell of: woken by a notification, looking by itself as a
 * fallback. The database may restart, the receiver may be away: it goes on when they are back.
 */
export function startRelay(options: RelayOptions): Relay {
  const stopping = new AbortController();
  const wakeup = createWakeup(stopping.signal);
  const ended = run({ options, wakeup, stopping: stopping.signal, pollMs: options.pollMs ?? 1_000 });
  return {
    wake: wakeup.wake,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function run(running: Running): Promise<void> {
  const { options, wakeup, stopping, pollMs } = running;
  let failures = 0;
  const onProgress = () => (failures = 0);
  while (!stopping.aborted) {
    try {
      await workWhileConnected(running, onProgress);
      // Another relay works: stand by.
      await wakeup.pause(pollMs);
    } catch (error) {
      options.onFailure();
      const delay = Math.min(100 * 2 ** failures, LONGEST_BACK_OFF_MS);
      failures += 1;
      options.logger.warn({ err: error, delay }, `The ${options.name} failed, trying again`);
      await wakeup.pause(delay);
    }
  }
}

/** Resolves when stopped, or at once when another relay works; rejects when the connection or a round fails. */
async function workWhileConnected(running: Running, onProgress: () => void): Promise<void> {
  const { options, wakeup, stopping, pollMs } = running;
  const connection = new AbortController();
  const session = await openSession({
    ...options,
    onNotify: wakeup.wake,
    onLost: (error) => {
      connection.abort(error);
      wakeup.wake();
    },
  });
  if (session === undefined) return;
  try {
    while (!stopping.aborted) {
      connection.signal.throwIfAborted();
      const more = await options.round(session.client);
      onProgress();
      if (!more) await wakeup.wait(pollMs);
    }
    await options.drain?.(session.client);
  } finally {
    await session.close();
  }
}
