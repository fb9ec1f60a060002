import type { Evidence } from '../domain/evidence.ts';
import type { Connection } from './store.ts';

/** Evidence of an actor by mbox whose address is nobody's yet. */
export interface MailboxEvidence extends Evidence {
  readonly organisationId: string;
  readonly address: string;
  readonly itemId: string;
}

export function mailboxStore(db: Connection) {
  return {
    /** Whose these addresses (lower case) are; those of nobody are left out. */
    selectManyOwned: (addresses: readonly string[]) =>
      db.mailbox.findMany({ where: { address: { in: [...addresses] } } }),

    /** The addresses that these users have, or had before anybody else. */
    selectManyOfUsers: (userIds: readonly string[]) =>
      db.mailbox.findMany({ where: { userId: { in: [...userIds] } } }),

    /** Remembers the revision of a user. @returns false where this one or a newer one is known. */
    upsertUserRevision: async (userId: string, revision: number) => {
      const written = await db.$executeRaw`
        INSERT INTO user_revision AS known (user_id, revision) VALUES (${userId}, ${revision})
        ON CONFLICT (user_id) DO UPDATE SET revision = excluded.revision WHERE known.revision < excluded.revision`;
      return written > 0;
    },

    /** The address (lower case) is this user's from now on. */
    upsert: (address: string, userId: string) =>
      db.mailbox.upsert({ where: { address }, create: { address, userId }, update: { userId } }),

    /** Keeps evidence until its address is somebody's; the earliest of each counts, as in domain/evidence.ts. */
    upsertEvidence: (rows: readonly MailboxEvidence[]) =>
      db.$executeRaw`
        INSERT INTO mailbox_evidence AS known
          (organisation_id, address, item_id, started_at, completed_at, passed_at, failed_at)
        SELECT "organisationId", address, "itemId", "startedAt", "completedAt", "passedAt", "failedAt"
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(
          "organisationId" text, address text, "itemId" text, "startedAt" timestamptz, "completedAt" timestamptz,
          "passedAt" timestamptz, "failedAt" timestamptz)
        ORDER BY address, "organisationId", "itemId"
        ON CONFLICT (address, organisation_id, item_id) DO UPDATE SET
          started_at = LEAST(known.started_at, excluded.started_at),
          completed_at = LEAST(known.completed_at, excluded.completed_at),
          passed_at = LEAST(known.passed_at, excluded.passed_at),
          failed_at = LEAST(known.failed_at, excluded.failed_at)`,

    /** Takes out evidence whose address has become somebody's, with that user as `learnerId`. */
    deleteOwnedEvidence: (limit: number) =>
      db.$queryRaw<(MailboxEvidence & { readonly learnerId: string })[]>`
        WITH owned AS (
          SELECT e.address, e.organisation_id, e.item_id, m.user_id
          FROM mailbox_evidence e JOIN mailbox m USING (address)
          LIMIT ${limit}
          FOR UPDATE OF e SKIP LOCKED)
        DELETE FROM mailbox_evidence e
        USING owned o
        WHERE (e.address, e.organisation_id, e.item_id) = (o.address, o.organisation_id, o.item_id)
        RETURNING e.address, e.organisation_id AS "organisationId", e.item_id AS "itemId", o.user_id AS "learnerId",
          e.started_at AS "startedAt", e.completed_at AS "completedAt", e.passed_at AS "passedAt",
          e.failed_at AS "failedAt"`,
  };
}
