import { Prisma } from './generated/client.ts';
import type { Connection } from './store.ts';

/** Who came into a group and who went out of it. */
export interface GroupMembersChange {
  readonly organisationId: string;
  readonly groupId: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Grows with each change of the group's people; undefined of what was told before identity counted them. */
  readonly revision: number | undefined;
}

/** The people of groups, as identity's events tell of them. */
export function groupMemberStore(db: Connection) {
  return {
    /** Of these groups those that a person is in. */
    selectGroupsOf: async (
      organisationId: string,
      userIds: readonly string[],
      groupIds: readonly string[],
    ): Promise<{ userId: string; groupId: string }[]> =>
      db.groupMember.findMany({
        where: { organisationId, userId: { in: [...userIds] }, groupId: { in: [...groupIds] }, member: true },
        select: { userId: true, groupId: true },
      }),

    /** Keeps what an event says; of who is known by a newer one nothing is changed. */
    upsertMany: ({ organisationId, groupId, added, removed, revision }: GroupMembersChange) =>
      db.$executeRaw`
        INSERT INTO group_member AS known (organisation_id, group_id, user_id, member, revision)
        SELECT ${organisationId}, ${groupId}, person.id, person.member, ${revision ?? 0}::int
        FROM (SELECT unnest(${[...added]}::text[]) AS id, true AS member
          UNION ALL SELECT unnest(${[...removed]}::text[]), false) AS person
        ON CONFLICT (organisation_id, group_id, user_id)
          DO UPDATE SET member = excluded.member, revision = greatest(known.revision, excluded.revision)
          WHERE known.revision <= excluded.revision OR ${revision === undefined}`,

    /** Of a group that is no more. */
    deleteAll: (organisationId: string, groupId: string) =>
      db.groupMember.deleteMany({ where: { organisationId, groupId } }),
  };
}

/**
 * The people of these groups, as an array within another query: worked out once, so that what is theirs is found by an
 * index also beside other alternatives.
 */
export function peopleOf(organisationId: string, groupIds: readonly string[]): Prisma.Sql {
  return Prisma.sql`ARRAY(
    SELECT m.user_id FROM group_member m
    WHERE m.organisation_id = ${organisationId} AND m.group_id = ANY(${[...groupIds]}::text[]) AND m.member)`;
}
