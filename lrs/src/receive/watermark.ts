import { randomUUID } from 'node:crypto';
import type { receiverStore } from '../store/receivers.ts';
import type { Siblings } from './siblings.ts';

/**
 * Up to when everything that any receiver has accepted is on the log. A receiver with something under way says so in the
 * database before it stamps the first statement, and from then on a few times a second how far it is; one that is idle says
 * nothing, and costs nothing (docs/decisions/0023-reading.md).
 */
export interface Watermark {
  /** Await it, where it is something, before statements are stamped. Rejects while the database does not answer. */
  readonly announce: () => Promise<void> | undefined;
  /** What is stored up to then is on the log; `alone` while no other receiver has been seen. */
  read(): Promise<{ low: string; alone: boolean }>;
  /** Nothing is under way any more. */
  stop(): Promise<void>;
}

export interface WatermarkOptions {
  readonly receivers: ReturnType<typeof receiverStore>;
  readonly oldestUnderWay: () => string | undefined;
  /** Receivers of this machine, which are asked: what they say in the database may be a quarter of a second old. */
  readonly siblings?: Pick<Siblings, 'ask' | 'answer'> | undefined;
  readonly onFailure: (error: unknown) => void;
  readonly now?: () => number;
}

const beatMs = 250;

/** After so long without a request it is idle. */
const idleMs = 3_000;

/** One that could not say for so long how far it is says so again before it stamps, and well before it is given up. */
const doubtMs = 4_000;
const aliveMs = 10_000;

/** Readers within this time share what was read: it stays true, only older. */
const readMs = 50;

/** What a receiver of this machine answers. */
interface Said {
  readonly id: string;
  readonly low: string;
}

interface Others {
  readonly alone: boolean;
  readonly lows: readonly Date[];
}

export function createWatermark(o: WatermarkOptions): Watermark {
  const { receivers, oldestUnderWay, siblings, onFailure, now = Date.now } = o;
  const id = randomUUID();
  let busyAt = 0;
  let saidAt = -Infinity;
  let announcing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let others: { at: number; found: Promise<Others> } | undefined;

  const lowNow = () => {
    const at = new Date(now());
    const oldest = oldestUnderWay();
    return oldest !== undefined && new Date(oldest) < at ? new Date(oldest) : at;
  };

  siblings?.answer('low', (): Said => ({ id, low: lowNow().toISOString() }));

  /** One of this machine that does not answer is taken at its word in the database. */
  async function readOthers(): Promise<Others> {
    const answers = ((await siblings?.ask('low')) ?? []) as Said[];
    const known = [id, ...answers.map((each) => each.id)];
    const { any, low } = await receivers.selectOthers(known, aliveMs);
    const lows = [...answers.map((each) => new Date(each.low)), ...(low === null ? [] : [low])];
    return { alone: siblings === undefined && !any, lows };
  }

  async function say(low: Date | null): Promise<void> {
    const at = now();
    await receivers.upsert(id, low);
    saidAt = low === null ? -Infinity : at;
  }

  function startBeating(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void beat();
    }, beatMs).unref();
  }

  async function beat(): Promise<void> {
    const isIdle = now() - busyAt > idleMs && oldestUnderWay() === undefined;
    // Whoever comes from here on announces itself, after this.
    if (isIdle) saidAt = -Infinity;
    announcing = say(isIdle ? null : lowNow()).finally(() => (announcing = undefined));
    await announcing.catch(onFailure);
    if (!isIdle) startBeating();
  }

  async function announceNow(): Promise<void> {
    await announcing?.catch(() => undefined);
    if (now() - saidAt > doubtMs)
      await (announcing ??= say(lowNow()).finally(() => (announcing = undefined)));
    startBeating();
  }

  return {
    announce() {
      busyAt = now();
      return now() - saidAt <= doubtMs ? undefined : announceNow();
    },
    async read() {
      const at = now();
      const fresh = others !== undefined && at - others.at <= readMs ? others : undefined;
      const shared = fresh ?? { at, found: readOthers() };
      others = shared;
      const own = lowNow();
      const { alone, lows } = await shared.found.catch((error: unknown) => {
        others = undefined;
        throw error;
      });
      const low = Math.min(own.getTime(), shared.at, ...lows.map(Number));
      return { low: new Date(low).toISOString(), alone };
    },
    async stop() {
      clearTimeout(timer);
      await announcing?.catch(() => undefined);
      if (saidAt > -Infinity) await say(null).catch(onFailure);
    },
  };
}
