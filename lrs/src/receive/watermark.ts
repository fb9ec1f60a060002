import { randomUUID } from 'node:crypto';
import { formatMicros, timestampMicros, type StoredClock } from '@lyceum/xapi';
import type { receiverStore } from '../store/receivers.ts';
import type { Siblings } from './siblings.ts';

/**
 * Up to when everything that any receiver has accepted is on the log. A receiver with something under way says so in the
 * database before it stamps the first statement, and from then on a few times a second how far it is; one that is idle says
 * nothing, and costs nothing (docs/decisions/0023-reading.md).
 *
 * All instants are of the clocks behind `stored`, which go back for nobody; what is a length of time is measured by a clock
 * that nobody sets.
 */
export interface Watermark {
  /** Await it, where it is something, before statements are stamped. Rejects while the database does not answer. */
  readonly announce: () => Promise<void> | undefined;
  /**
   * Call it before anything is stamped: where the system's clock is behind what was stamped before this start, `stored` goes
   * on from there. The milliseconds that it is behind, else 0.
   */
  takeUp(): Promise<number>;
  /** What is stored up to then is on the log; `alone` while no other receiver has been seen. */
  read(): Promise<{ low: string; alone: boolean }>;
  /** Nothing is under way any more. */
  stop(): Promise<void>;
}

export interface WatermarkOptions {
  readonly receivers: ReturnType<typeof receiverStore>;
  readonly oldestUnderWay: () => string | undefined;
  readonly clock: Pick<StoredClock, 'current' | 'advance'>;
  /** Receivers of this machine, which are asked: what they say in the database may be a quarter of a second old. */
  readonly siblings?: Pick<Siblings, 'ask' | 'answer'> | undefined;
  readonly onFailure: (error: unknown) => void;
}

const beatMs = 250;

/** After so long without a request it is idle. */
const idleMs = 3_000;

/** One that could not say for so long how far it is says so again before it stamps, and well before it is given up. */
const doubtMs = 4_000;
const aliveMs = 10_000;

/** Clocks of several machines are that far apart, and one that is further behind was set back. */
const apartMs = 1_000;

/** Readers within this time share what was read: it stays true, only older. */
const readMs = 50;

/** What a receiver of this machine answers. */
interface Said {
  readonly id: string;
  readonly low: string;
}

interface Others {
  readonly alone: boolean;
  readonly lows: readonly string[];
  /** How far the clock of any was. */
  readonly high: string | null;
}

export function createWatermark(o: WatermarkOptions): Watermark {
  const { receivers, oldestUnderWay, clock, siblings, onFailure } = o;
  const id = randomUUID();
  let busyAt = -Infinity;
  let saidAt = -Infinity;
  let announcing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let others: { at: number; instant: string; found: Promise<Others> } | undefined;

  const lowNow = () => {
    const oldest = oldestUnderWay();
    return oldest === undefined ? clock.current() : justBefore(oldest);
  };

  siblings?.answer('low', (): Said => ({ id, low: lowNow() }));

  /** One of this machine that does not answer is taken at its word in the database. */
  async function readOthers(): Promise<Others> {
    const answers = ((await siblings?.ask('low')) ?? []) as Said[];
    const asked = answers.map((each) => each.id);
    const { any, low, high } = await receivers.selectOthers(id, aliveMs, asked);
    const lows = [...answers.map((each) => each.low), ...(low === null ? [] : [low])];
    return { alone: siblings === undefined && !any, lows, high };
  }

  async function say(low: string | null): Promise<void> {
    const at = now();
    await receivers.upsert(id, { low, high: clock.current() });
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
    async takeUp() {
      const { high } = await receivers.selectOthers(id, aliveMs);
      const behindMs = high === null ? 0 : Date.parse(high) - Date.parse(clock.current());
      if (high === null || behindMs <= 0) return 0;
      // Who was killed may have been further by what it had not said yet.
      clock.advance(behindMs > apartMs ? later(high, doubtMs) : high);
      return behindMs;
    },
    async read() {
      const at = now();
      const fresh = others !== undefined && at - others.at <= readMs ? others : undefined;
      const shared = fresh ?? { at, instant: clock.current(), found: readOthers() };
      others = shared;
      const own = lowNow();
      const { alone, lows, high } = await shared.found.catch((error: unknown) => {
        others = undefined;
        throw error;
      });
      if (high !== null) clock.advance(high);
      const low = [own, shared.instant, ...lows].reduce((least, each) => (each < least ? each : least));
      return { low, alone };
    },
    async stop() {
      clearTimeout(timer);
      await announcing?.catch(() => undefined);
      if (saidAt > -Infinity) await say(null).catch(onFailure);
    },
  };
}

const now = () => performance.now();

/** What is under way then is not there yet. */
const justBefore = (instant: string) => formatMicros(timestampMicros(instant) - 1n);

const later = (instant: string, ms: number) => formatMicros(timestampMicros(instant) + BigInt(ms) * 1_000n);
