import type { Connection } from './store.ts';

/** What the other receivers say, by the database's clock. */
export interface OtherReceivers {
  /** Whether there are others, or were within the hour. */
  readonly any: boolean;
  /** The least of what they have under way; null where none has anything. */
  readonly low: Date | null;
}

export function receiverStore(db: Connection) {
  return {
    upsert: (id: string, low: Date | null) => db.$executeRaw`
      INSERT INTO receiver (id, low, seen_at) VALUES (${id}, ${low}, now())
      ON CONFLICT (id) DO UPDATE SET low = EXCLUDED.low, seen_at = EXCLUDED.seen_at`,

    /** Beside those that are known. Who has not been seen for so long was killed: nothing of it is on its way any more. */
    selectOthers: async (known: readonly string[], aliveMs: number): Promise<OtherReceivers> => {
      const [found] = await db.$queryRaw<{ count: bigint; low: Date | null }[]>`
        SELECT count(*) AS count,
          min(low) FILTER (WHERE seen_at > now() - ${aliveMs} * interval '1 millisecond') AS low
        FROM receiver WHERE NOT (id = ANY(${known})) AND seen_at > now() - interval '1 hour'`;
      return { any: (found?.count ?? 0n) > 0n, low: found?.low ?? null };
    },

    deleteOld: () => db.$executeRaw`DELETE FROM receiver WHERE seen_at < now() - interval '1 day'`,
  };
}
