import type { Database } from '../store/store.ts';

export type Members = ReturnType<typeof createMembers>;

/** The users of identity, as far as learning needs them: whose a verified address is, and who belongs where. */
export function createMembers({ store }: { store: Database }) {
  return {
    /**
     * Takes over a user as identity tells of them; an older revision than the known one changes nothing. An address
     * that was verified once stays the user's, also after they took another, until somebody else verifies it: what
     * tools report of it is still theirs.
     */
    async learnUser(user: {
      id: string;
      email: string;
      emailVerified: boolean;
      revision: number;
    }): Promise<void> {
      await store.transaction(async (tx) => {
        const isNews = await tx.mailboxes.upsertUserRevision(user.id, user.revision);
        if (isNews && user.emailVerified) await tx.mailboxes.upsert(user.email.toLowerCase(), user.id);
      });
    },

    /** Takes over a membership; an older revision than the known one changes nothing. */
    async learnMembership(membership: {
      userId: string;
      organisationId: string;
      roles: readonly string[];
      revision: number;
    }): Promise<void> {
      await store.learners.upsert(membership);
    },
  };
}
