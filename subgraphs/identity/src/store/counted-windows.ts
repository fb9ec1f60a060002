import type { Connection } from './store.ts';

/** Of the window that counts now, this time included, and of the one before. */
export interface Counted {
  readonly count: number;
  readonly previous: number;
}

/** How often something happened: windows of fixed length, each begun by the first time after the one before. */
export function countedWindowStore(db: Connection) {
  return {
    /** Counts once more, in one statement: of many at once each gets a number of its own. */
    count: async (subject: string, seconds: number): Promise<Counted> => {
      const [counted] = await db.$queryRaw<Counted[]>`
        INSERT INTO counted_window AS known (subject, began_at, count, previous)
        VALUES (${subject}, clock_timestamp(), 1, 0)
        ON CONFLICT (subject) DO UPDATE SET
          began_at = CASE WHEN known.began_at > clock_timestamp() - ${seconds} * interval '1 second'
            THEN known.began_at ELSE clock_timestamp() END,
          previous = CASE WHEN known.began_at > clock_timestamp() - ${seconds} * interval '1 second'
            THEN known.previous ELSE known.count END,
          count = CASE WHEN known.began_at > clock_timestamp() - ${seconds} * interval '1 second'
            THEN least(known.count, 1000000000) + 1 ELSE 1 END
        RETURNING count, previous`;
      return counted ?? { count: 1, previous: 0 };
    },
  };
}
