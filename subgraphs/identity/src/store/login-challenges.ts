import type { LoginChallenge } from './generated/client.ts';
import type { SessionsOfProvider } from './sessions.ts';
import type { Connection } from './store.ts';

export type { LoginChallenge };

/** Logins that await a second factor. Who answers shows a token, which is all that is known of them. */
export function loginChallengeStore(db: Connection) {
  return {
    insert: (challenge: Omit<LoginChallenge, 'answers'>) => db.loginChallenge.create({ data: challenge }),

    selectOptional: (hash: string) =>
      db.loginChallenge.findUnique({ where: { hash, expiresAt: { gt: new Date() } } }),

    /** Counts an answer before it is looked at: the challenge, or undefined where it is over or had `limit` answers. */
    updateAnswers: async (hash: string, limit: number): Promise<LoginChallenge | undefined> => {
      const [challenge] = await db.loginChallenge.updateManyAndReturn({
        where: { hash, expiresAt: { gt: new Date() }, answers: { lt: limit } },
        data: { answers: { increment: 1 } },
      });
      return challenge;
    },

    /** Ends it: 1 where this call did it. */
    delete: async (hash: string) => (await db.loginChallenge.deleteMany({ where: { hash } })).count,

    /** Whose logins that a provider began await a second factor. */
    selectUserIdsOfProvider: async (logins: SessionsOfProvider): Promise<string[]> => {
      const found = await db.loginChallenge.findMany({ where: logins, select: { userId: true } });
      return found.map(({ userId }) => userId);
    },

    deleteOfProvider: (logins: SessionsOfProvider) => db.loginChallenge.deleteMany({ where: logins }),

    deleteExpired: (now: Date) => db.loginChallenge.deleteMany({ where: { expiresAt: { lt: now } } }),
  };
}
