import { setTimeout as delay } from 'node:timers/promises';
import { newId, type Logger } from '@lyceum/service';
import type { IdentityEvents } from '../../events/identity-events.ts';
import type { Database } from '../../store/store.ts';
import { LeftError } from './import-run.ts';
import { attemptImport } from './run-import.ts';

export interface ImportWorker {
  start(): void;
  /** An import waits: it need not be polled for. */
  wake(): void;
  /** Waits for the step under way; the import goes on in another instance, or after the next start. */
  stop(): Promise<void>;
}

const pollMs = 2_000;

/** Works on the imports of people, one at a time, until it is stopped. Each instance of identity has one. */
export function createImportWorker(options: {
  store: Database;
  events: IdentityEvents;
  logger: Logger;
  /** For how long an import is its worker's after each step. */
  leaseSeconds: number;
}): ImportWorker {
  const { store, logger, leaseSeconds } = options;
  const worker = newId('worker');
  const stopping = new AbortController();
  let pause = new AbortController();
  const leasedUntil = () => new Date(Date.now() + leaseSeconds * 1_000);

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const job = await store.imports.claim(worker, leasedUntil());
      if (job) await attemptImport({ ...options, worker, job, stopping: stopping.signal, leasedUntil });
      else await rest();
    }
  }

  async function rest(): Promise<void> {
    pause = new AbortController();
    if (stopping.signal.aborted) return;
    await delay(pollMs, undefined, { signal: pause.signal, ref: false }).catch(() => undefined);
  }

  async function loopAnew(): Promise<void> {
    while (!stopping.signal.aborted) {
      await loop().catch(async (error: unknown) => {
        if (!(error instanceof LeftError))
          logger.warn({ err: error }, 'an import of people was interrupted, and is taken up again');
        await rest();
      });
    }
  }

  let ended: Promise<void> | undefined;
  return {
    start: () => {
      ended ??= loopAnew();
    },
    wake: () => {
      pause.abort();
    },
    stop: async () => {
      stopping.abort();
      pause.abort();
      await ended;
    },
  };
}
