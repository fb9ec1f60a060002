import type { Connection } from './store.ts';

/** How far a receiver is, in instants as `stored` has them. */
export interface Reach {
  /** What it has stored up to then is on the log; null where it has nothing under way. */
  readonly low: string | null;
  /** What its clock says. */
  readonly high: string;
}

/** What the other receivers say, as far as they were seen by the database's clock. */
export interface OtherReceivers {
  /** Whether there are others, or were within the hour. */
  readonly any: boolean;
  /** The least of what those say that have something under way; null where none has. */
  readonly low: string | null;
  /** How far the clock of any was that there ever was; null where there was none. */
  readonly high: string | null;
}

export function receiverStore(db: Connection) {
  return {
    upsert: (id: string, { low, high }: Reach) => db.$executeRaw`
      INSERT INTO receiver (id, low, high, seen_at)
      VALUES (${id}, ${low}::text::timestamptz, ${high}::text::timestamptz, now())
      ON CONFLICT (id) DO UPDATE SET low = EXCLUDED.low, high = EXCLUDED.high, seen_at = EXCLUDED.seen_at`,

    /**
     * Who has not been seen for so long was killed: nothing of it is on its way any more.
     *
     * @param asked receivers that say themselves how far they are: not they, but their clocks count here
     */
    selectOthers: async (
      id: string,
      aliveMs: number,
      asked: readonly string[] = [],
    ): Promise<OtherReceivers> => {
      const [found] = await db.$queryRaw<{ count: bigint; low: string | null; high: string | null }[]>`
        SELECT count(*) FILTER (WHERE unasked AND seen_at > now() - interval '1 hour') AS count,
          to_char(min(low) FILTER (WHERE unasked AND seen_at > now() - ${aliveMs} * interval '1 millisecond')
            AT TIME ZONE 'UTC', ${instant}) AS low,
          to_char(max(high) AT TIME ZONE 'UTC', ${instant}) AS high
        FROM (SELECT *, NOT (id = ANY(${asked})) AS unasked FROM receiver WHERE id <> ${id}) AS other`;
      return { any: (found?.count ?? 0n) > 0n, low: found?.low ?? null, high: found?.high ?? null };
    },

    /** But for the one whose clock was furthest. */
    deleteOld: () => db.$executeRaw`
      DELETE FROM receiver WHERE seen_at < now() - interval '1 day'
        AND (high IS NULL OR high < (SELECT max(high) FROM receiver))`,
  };
}

/** As `stored` is written: a Date of JavaScript has no microseconds. */
const instant = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';
