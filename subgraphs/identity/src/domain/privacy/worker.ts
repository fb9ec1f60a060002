import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import type { Database } from '../../store/store.ts';
import type { OwnPart } from './own-part.ts';

export interface PrivacyWorker {
  start(): void;
  /** It may be identity's turn: it need not be polled for. */
  readonly wake: () => void;
  /** Waits for the step under way; another instance, or the next start, goes on. */
  stop(): Promise<void>;
}

const pollMs = 2_000;
const jobsAtOnce = 10;

/** Does identity's own part of jobs, one at a time. Each instance has one; what two do at once is done once. */
export function createPrivacyWorker({
  store,
  ownPart,
  logger,
}: {
  store: Database;
  ownPart: OwnPart;
  logger: Logger;
}): PrivacyWorker {
  const stopping = new AbortController();
  let pause = new AbortController();
  let woken = false;

  async function round(): Promise<void> {
    for (const job of await store.privacyJobs.selectDue(jobsAtOnce)) {
      if (stopping.signal.aborted) return;
      await ownPart.answer(job, stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted)
          logger.warn(
            { err: error, job: job.id },
            "identity's part of a privacy job failed, and is tried again",
          );
      });
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = false;
      await round().catch((error: unknown) => {
        logger.warn({ err: error }, 'privacy jobs were not looked at, and are soon');
      });
      await rest();
    }
  }

  async function rest(): Promise<void> {
    pause = new AbortController();
    if (woken || stopping.signal.aborted) return;
    await delay(pollMs, undefined, { signal: pause.signal, ref: false }).catch(() => undefined);
  }

  let ended: Promise<void> | undefined;
  return {
    start: () => {
      ended ??= loop();
    },
    wake: () => {
      woken = true;
      pause.abort();
    },
    stop: async () => {
      stopping.abort();
      pause.abort();
      await ended;
    },
  };
}
