import type { User } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { User };

/** Accounts. They are no organisation's: what one knows of a person is their membership's (memberships.ts). */
export function userStore(db: Connection) {
  return {
    selectOptionalByEmail: (email: string) => db.user.findUnique({ where: { email } }),

    selectManyByEmail: (emails: readonly string[]) =>
      db.user.findMany({ where: { email: { in: [...emails] } } }),

    selectByEmail: (email: string) => db.user.findUniqueOrThrow({ where: { email } }),

    /** The account, or undefined where another has its address already. */
    insertOptional: async (user: {
      id: string;
      email: string;
      emailVerified: boolean;
    }): Promise<User | undefined> => {
      const [inserted] = await db.user.createManyAndReturn({ data: [user], skipDuplicates: true });
      return inserted;
    },
  };
}
