import type { User } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { User };

/** Accounts. They are no organisation's: what one knows of a person is their membership's (memberships.ts). */
export function userStore(db: Connection) {
  return {
    selectOptionalByEmail: (email: string) => db.user.findUnique({ where: { email } }),

    selectManyByEmail: (emails: readonly string[]) =>
      db.user.findMany({ where: { email: { in: [...emails] } } }),

    select: (id: string) => db.user.findUniqueOrThrow({ where: { id } }),

    /** Holds an account against other writers until the transaction ends. */
    lock: (id: string) => db.$queryRaw`SELECT 1 FROM "user" WHERE id = ${id} FOR UPDATE`,

    /** Gives an account another address, which its owner has shown to be theirs. Rejects where another account has it. */
    updateEmail: (id: string, email: string) =>
      db.user.update({ where: { id }, data: { email, emailVerified: true, revision: { increment: 1 } } }),

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
