import type { SecondCount } from '../store/store-health.ts';
import type { Store } from '../store/store.ts';
import type { ProgressTracker } from './ingest-progress.ts';
import { wholeSeconds } from './store-health.ts';

/** Seconds that are whole by now, in order, none twice and none left out. */
export interface StatementRate {
  readonly through: Date;
  readonly perSecond: number;
  readonly seconds: readonly { readonly start: Date; readonly statements: number }[];
}

/** Counts of consecutive seconds, the last of them before `end` (Unix seconds). */
interface Ring {
  readonly end: number;
  readonly counts: readonly number[];
}

/** The longest history, and what is kept of an organisation while somebody listens. */
export const longestHistory = 900;

const rateSeconds = 10;

/** Statements by second, of the organisations that somebody listens for. */
export function createRates(o: {
  store: Pick<Store, 'storeHealth'>;
  progress: Pick<ProgressTracker, 'of'>;
  now?: () => number;
}) {
  const { store, progress, now = Date.now } = o;
  let rings = new Map<string, Ring>();

  /** Up to where the seconds of an organisation are whole; undefined while that is not known. */
  function endOf(organisationId: string): number | undefined {
    const { through } = progress.of(organisationId);
    return through === null ? undefined : wholeSeconds({ through }, new Date(now()));
  }

  return {
    /** Counts what has become whole since the last time, of these organisations and no others, in one query. */
    async advance(organisationIds: readonly string[]): Promise<void> {
      const spans = organisationIds.flatMap((id) => {
        const end = endOf(id);
        const known = rings.get(id);
        if (end === undefined || (known !== undefined && end <= known.end)) return [];
        return [{ id, start: Math.max(known?.end ?? 0, end - longestHistory), end }];
      });
      const counted = spans.length === 0 ? [] : await select(spans);
      const next = new Map(organisationIds.flatMap((id) => entryOf(id, rings.get(id))));
      for (const { id, start, end } of spans) {
        const own = new Map(
          counted.filter((each) => each.organisation === id).map((each) => [each.second, each.statements]),
        );
        const added = Array.from({ length: end - start }, (_, index) => own.get(start + index) ?? 0);
        const before = rings.get(id)?.end === start ? (rings.get(id)?.counts ?? []) : [];
        next.set(id, { end, counts: [...before, ...added].slice(-longestHistory) });
      }
      rings = next;
    },

    /** From a second on, or the last `history`; undefined where there is none, or nothing is known yet. */
    since(organisationId: string, from: number | { history: number }): StatementRate | undefined {
      const ring = rings.get(organisationId);
      if (ring === undefined) return undefined;
      const first = Math.max(
        typeof from === 'number' ? from : ring.end - from.history,
        ring.end - ring.counts.length,
      );
      const counts = first >= ring.end ? [] : ring.counts.slice(first - ring.end);
      const latest = ring.counts.slice(-rateSeconds);
      if (counts.length === 0 && typeof from === 'number') return undefined;
      return {
        through: new Date(ring.end * 1000),
        perSecond: latest.reduce((sum, count) => sum + count, 0) / rateSeconds,
        seconds: counts.map((statements, index) => ({ start: new Date((first + index) * 1000), statements })),
      };
    },
  };

  function select(spans: readonly { id: string; start: number; end: number }[]): Promise<SecondCount[]> {
    return store.storeHealth.selectSeconds(
      spans.map(({ id }) => id),
      Math.min(...spans.map(({ start }) => start)),
      Math.max(...spans.map(({ end }) => end)),
    );
  }
}

const entryOf = (id: string, ring: Ring | undefined): [string, Ring][] =>
  ring === undefined ? [] : [[id, ring]];
