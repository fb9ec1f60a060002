import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { eventually } from '@lyceum/testing';

/** Some who send as fast as they are answered, and remember what was accepted, by its id. */
export interface Senders {
  readonly accepted: ReadonlySet<string>;
  /** One request of each of them; false where it was not answered as it should be. */
  readonly requests: readonly (() => Promise<boolean>)[];
}

export interface Burst {
  /** Resolves when all kinds of senders have had more accepted than when it was asked. */
  untilMoreIsAccepted(): Promise<void>;
  /** Begins nothing more; resolves when what is under way was answered. */
  end(): Promise<void>;
}

const more = 20;
/** Who gets no answer asks again. */
const pauseMs = 50;

/** Lets them send until they are told to end; resolves when something of all kinds was accepted. */
export async function beginBurst(...kinds: readonly Senders[]): Promise<Burst> {
  let ended = false;
  const hasEnded = () => ended;
  const goOn = async (request: () => Promise<boolean>) => {
    while (!hasEnded()) if (!(await request().catch(() => false))) await delay(pauseMs);
  };
  const work = kinds.flatMap(({ requests }) => requests.map(goOn));
  const burst: Burst = {
    async untilMoreIsAccepted() {
      const before = kinds.map(({ accepted }) => accepted.size);
      await eventually(
        () => {
          const since = kinds.map(({ accepted }, index) => accepted.size - before[index]!);
          expect(Math.min(...since)).toBeGreaterThanOrEqual(more);
        },
        { timeoutMs: 45_000 },
      );
    },
    async end() {
      ended = true;
      await Promise.all(work);
    },
  };
  await burst.untilMoreIsAccepted();
  return burst;
}
