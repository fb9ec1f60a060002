import type { Sql } from '../sql.ts';

/** Who came into a group and who went out of it. */
export interface GroupMembersChange {
  readonly organisationId: string;
  readonly groupId: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Grows with each change of the group's people; undefined of what was told before identity counted them. */
  readonly revision: number | undefined;
}

export type GroupMemberStore = ReturnType<typeof groupMemberStore>;

/** The people of groups, as identity's events tell of them: the table `group_member` of a service that needs them. */
export function groupMemberStore(sql: Sql) {
  return {
    /** Of these groups those that these people are in. */
    selectManyOfUsers: (organisationId: string, userIds: readonly string[], groupIds: readonly string[]) =>
      sql.query<{ userId: string; groupId: string }>(
        `SELECT user_id AS "userId", group_id AS "groupId" FROM group_member
         WHERE organisation_id = $1 AND user_id = ANY($2::text[]) AND group_id = ANY($3::text[]) AND member`,
        [organisationId, [...userIds], [...groupIds]],
      ),

    /** Keeps what an event says; of who is known by a newer one nothing is changed. */
    upsertMany: ({ organisationId, groupId, added, removed, revision }: GroupMembersChange) =>
      sql.execute(
        `INSERT INTO group_member AS known (organisation_id, group_id, user_id, member, revision)
         SELECT $1, $2, person.id, person.member, $5::int
         FROM (SELECT unnest($3::text[]) AS id, true AS member UNION ALL SELECT unnest($4::text[]), false) AS person
         ON CONFLICT (organisation_id, group_id, user_id)
           DO UPDATE SET member = excluded.member, revision = greatest(known.revision, excluded.revision)
           WHERE known.revision <= excluded.revision OR $6::boolean`,
        [organisationId, groupId, [...added], [...removed], revision ?? 0, revision === undefined],
      ),

    /** Of a group that is no more. */
    deleteAll: (organisationId: string, groupId: string) =>
      sql.execute('DELETE FROM group_member WHERE organisation_id = $1 AND group_id = $2', [
        organisationId,
        groupId,
      ]),
  };
}
