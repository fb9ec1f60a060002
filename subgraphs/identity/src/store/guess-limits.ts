import type { Connection } from './store.ts';

/** What guesses are counted of, and how many wrong ones cost nothing. */
export interface GuessSubject {
  readonly subject: string;
  readonly free: number;
}

export function guessLimitStore(db: Connection) {
  return {
    /** Counts as if one had not been made. */
    giveBack: async (subjects: readonly string[]): Promise<void> => {
      await db.guessLimit.updateMany({
        where: { subject: { in: [...subjects] } },
        data: { failures: { decrement: 1 } },
      });
    },

    /**
     * Counts a guess at each subject, or at none where one of them is blocked. A day without a guess forgets what was
     * before.
     *
     * @returns until when a subject is blocked; undefined where the guess may be looked at
     */
    count: async (subjects: readonly GuessSubject[]): Promise<Date | undefined> => {
      const ordered = [...subjects].sort((a, b) => (a.subject < b.subject ? -1 : 1));
      const names = ordered.map(({ subject }) => subject);
      const free = ordered.map((given) => given.free);
      const [counted] = await db.$queryRaw<{ blockedUntil: Date | null }[]>`
        SELECT guess_count(${names}::text[], ${free}::int[]) AS "blockedUntil"`;
      return counted?.blockedUntil ?? undefined;
    },

    /** A right guess: its account starts anew, its address is given this one back. */
    forgive: async (subjects: readonly string[]): Promise<void> => {
      const accounts = subjects.filter((subject) => subject.startsWith('account:'));
      const addresses = subjects.filter((subject) => !accounts.includes(subject));
      await db.$executeRaw`
        WITH forgiven AS (DELETE FROM guess_limit WHERE subject = ANY (${accounts}))
        UPDATE guess_limit SET failures = failures - 1 WHERE subject = ANY (${addresses})`;
    },
  };
}
