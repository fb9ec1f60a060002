import type { Connection } from './store.ts';

/** What guesses are counted of, and how many wrong ones cost nothing. */
export interface GuessSubject {
  readonly subject: string;
  readonly free: number;
}

export function guessLimitStore(db: Connection) {
  const giveBack = async (subjects: readonly string[]): Promise<void> => {
    await db.guessLimit.updateMany({
      where: { subject: { in: [...subjects] } },
      data: { failures: { decrement: 1 } },
    });
  };

  return {
    giveBack,

    /**
     * Counts a guess at each subject, unless one of them is blocked; then nothing is to be counted, and the caller
     * rolls back. A day without a guess forgets what was before.
     *
     * @returns until when a subject is blocked; undefined where the guess may be looked at
     */
    count: async (subjects: readonly GuessSubject[]): Promise<Date | undefined> => {
      // The clock, and not now(): who waited for the row of a guess beside it began before that one's "until now".
      // In one order, so that guesses from one address at several accounts never wait for each other in a ring.
      const ordered = [...subjects].sort((a, b) => (a.subject < b.subject ? -1 : 1));
      const names = ordered.map(({ subject }) => subject);
      const free = ordered.map((given) => given.free);
      const counted = await db.$executeRaw`
        INSERT INTO guess_limit AS known (subject, failures, blocked_until, last_at)
        SELECT given.subject, 1, now(), now()
        FROM unnest(${names}::text[], ${free}::int[]) AS given (subject, free)
        ON CONFLICT (subject) DO UPDATE SET
          failures = CASE WHEN known.last_at < now() - interval '1 day' THEN 1 ELSE known.failures + 1 END,
          last_at = now(),
          blocked_until = now() + CASE
            WHEN known.last_at < now() - interval '1 day' THEN interval '0'
            ELSE (
              SELECT CASE WHEN known.failures + 1 < given.free THEN interval '0'
                ELSE least(power(2, least(known.failures + 1 - given.free, 20)), 900) * interval '1 second' END
              FROM unnest(${names}::text[], ${free}::int[]) AS given (subject, free)
              WHERE given.subject = known.subject
            ) END
        WHERE known.blocked_until <= clock_timestamp()`;
      if (counted === subjects.length) return undefined;
      const blocked = await db.guessLimit.aggregate({
        where: { subject: { in: names } },
        _max: { blockedUntil: true },
      });
      return blocked._max.blockedUntil ?? new Date();
    },

    /** A right guess: its account starts anew, its address is given this one back. */
    forgive: async (subjects: readonly string[]): Promise<void> => {
      const accounts = subjects.filter((subject) => subject.startsWith('account:'));
      await db.guessLimit.deleteMany({ where: { subject: { in: accounts } } });
      await giveBack(subjects.filter((subject) => !accounts.includes(subject)));
    },
  };
}
