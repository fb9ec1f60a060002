import { setTimeout as delay } from 'node:timers/promises';
import { UnavailableError } from '../query/unavailable-error.ts';
import { refusals } from './xapi-error.ts';

/**
 * Reads in a bounded time, and a bounded number of them: where ClickHouse is slow, who reads is told so, and what they
 * asked for does not pile up behind it.
 */
export interface BoundedReads {
  /**
   * @throws UnavailableError where it takes too long; XapiError 503 where too many are under way; and what `work` throws
   */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** More than ClickHouse is asked at once many times over. */
const mostUnderWay = 250;

/** @param withinMs of one read, whatever it asks of whom */
export function createBoundedReads({ withinMs }: { withinMs: number }): BoundedReads {
  let underWay = 0;
  return {
    async run(work) {
      if (underWay >= mostUnderWay) throw refusals.overloaded();
      underWay += 1;
      // It counts for as long as it is under way, though nobody waits for it any more.
      // What throws at once is over, too.
      const read = Promise.resolve()
        .then(work)
        .finally(() => (underWay -= 1));
      read.catch(() => undefined);
      const timer = new AbortController();
      const { signal } = timer;
      const late = delay(withinMs, undefined, { signal, ref: false }).then(() => {
        throw new UnavailableError('ClickHouse', `it took more than ${String(withinMs)} ms`);
      });
      late.catch(() => undefined);
      try {
        return await Promise.race([read, late]);
      } finally {
        timer.abort();
      }
    },
  };
}
