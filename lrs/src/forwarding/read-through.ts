import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { receiverStore } from '../store/receivers.ts';
import { storedOf } from '../personal-data/person.ts';

/**
 * Up to when ClickHouse has what any receiver has accepted, as far as is known: forwardings read up to then, so that next to
 * nothing comes behind the place where they are. What does nevertheless (statements of Lyceum's own services, imports that
 * keep their times, clocks that disagree) is noted by ingest (late-statements.ts).
 */
export type ReadThrough = (signal: AbortSignal) => Promise<string>;

/** One that has not been seen for so long was killed (receive/watermark.ts). */
const aliveMs = 10_000;

/** Who asks within this time shares the answer: it stays true, only older. */
const sharedMs = 250;

const longestWaitMs = 20_000;

export function createReadThrough(o: {
  receivers: Pick<ReturnType<typeof receiverStore>, 'selectOthers'>;
  /** Resolves once ClickHouse has all that was on the log when it was called. */
  untilIngested: (signal: AbortSignal) => Promise<void>;
}): ReadThrough {
  const nobody = randomUUID();
  let shared: Promise<string> | undefined;

  async function find(): Promise<string> {
    const now = Date.now();
    const { low } = await o.receivers.selectOthers(nobody, aliveMs);
    await o.untilIngested(AbortSignal.timeout(longestWaitMs));
    const oldest = low === null ? now : Math.min(Date.parse(low), now);
    // Up to the millisecond before: within that of the oldest under way, others may be as well.
    return storedOf(new Date(oldest - 1));
  }

  return async (signal) => {
    if (shared === undefined) {
      shared = find();
      const forget = () => (shared = undefined);
      shared.then(() => delay(sharedMs, undefined, { ref: false }).then(forget), forget);
    }
    const through = await shared;
    signal.throwIfAborted();
    return through;
  };
}
