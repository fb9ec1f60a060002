import type { Learner } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Learner };

/** A user as one organisation knows them. */
export interface LearnerKey {
  readonly organisationId: string;
  readonly learnerId: string;
}

export function learnerStore(db: Connection) {
  return {
    selectOptional: (organisationId: string, userId: string) =>
      db.learner.findUnique({ where: { organisationId_userId: { organisationId, userId } } }),

    /** The next learners by organisation and id: how a rebuild walks through all of them. */
    selectManyAfter: (after: LearnerKey, limit: number) =>
      db.$queryRaw<LearnerKey[]>`
        SELECT organisation_id AS "organisationId", user_id AS "learnerId"
        FROM learner
        WHERE (organisation_id, user_id) > (${after.organisationId}, ${after.learnerId})
        ORDER BY organisation_id, user_id
        LIMIT ${limit}`,

    /**
     * Holds these learners against every other writer of their progress until the transaction ends; those unheard of
     * are made. In one order for everybody, so that two batches with the same learners never wait for each other.
     *
     * A row in conflict is locked, as FOR NO KEY UPDATE does, also where WHERE then refuses the update
     * (https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT).
     */
    lock: (keys: readonly LearnerKey[]) =>
      db.$executeRaw`
        INSERT INTO learner AS known (organisation_id, user_id)
        SELECT DISTINCT "organisationId", "learnerId"
        FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) AS k("organisationId" text, "learnerId" text)
        ORDER BY 1, 2
        ON CONFLICT (organisation_id, user_id) DO UPDATE SET revision = known.revision WHERE false`,

    /** What identity says of a membership; an older revision than the one that is known changes nothing. */
    upsert: (membership: {
      organisationId: string;
      userId: string;
      roles: readonly string[];
      revision: number;
    }) =>
      db.$executeRaw`
        INSERT INTO learner AS known (organisation_id, user_id, roles, revision)
        VALUES (${membership.organisationId}, ${membership.userId}, ${[...membership.roles]}::text[],
          ${membership.revision})
        ON CONFLICT (organisation_id, user_id)
          DO UPDATE SET roles = excluded.roles, revision = excluded.revision
          WHERE known.revision < excluded.revision`,
  };
}
