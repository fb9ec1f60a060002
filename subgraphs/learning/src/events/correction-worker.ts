import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import type { Corrections } from '../domain/corrections.ts';

export interface CorrectionWorker {
  /** There may be something to do. */
  wake(): void;
  /** Finishes the piece in hand; what is left waits in the tables. */
  stop(): Promise<void>;
}

const pollMs = 5_000;

/**
 * Works off what changes of courses and users left behind (domain/corrections.ts): when it is woken, and now and then
 * in any case, for what another instance left when it crashed.
 */
export function startCorrectionWorker(options: {
  corrections: Corrections;
  logger: Logger;
}): CorrectionWorker {
  const stopping = new AbortController();
  let alarm = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      alarm = new AbortController();
      const more = await workSome(options);
      if (!more) await sleep(AbortSignal.any([stopping.signal, alarm.signal]));
    }
  };
  const ended = run();
  return {
    wake: () => {
      alarm.abort();
    },
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function workSome({
  corrections,
  logger,
}: {
  corrections: Corrections;
  logger: Logger;
}): Promise<boolean> {
  try {
    return await corrections.workSome();
  } catch (error) {
    logger.warn({ err: error }, 'progress was not corrected; trying again');
    return false;
  }
}

async function sleep(signal: AbortSignal): Promise<void> {
  await delay(pollMs, undefined, { signal }).catch(() => undefined);
}
