import type { Page } from '@lyceum/graphql';
import { Prisma, type Group as GroupRow } from './generated/client.ts';
import type { Connection } from './store.ts';

export type Group = GroupRow;

/** With what the order by name compares. */
export type ListedGroup = Group & { readonly nameKey: string };

export interface GroupText {
  readonly name: string;
  readonly description: string | null;
  readonly externalId: string | null;
}

const columns = Prisma.sql`
  g.id, g.organisation_id AS "organisationId", g.name, g.description, g.external_id AS "externalId", g.revision,
  g.members_revision AS "membersRevision", g.created_at AS "createdAt", g.name_key AS "nameKey"`;

export function groupStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.group.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    /** One page of an organisation's groups, by name. */
    selectPage: (
      organisationId: string,
      { limit, after, before, backward }: Page,
    ): Promise<ListedGroup[]> => {
      const direction = backward ? Prisma.sql`DESC` : Prisma.sql`ASC`;
      return db.$queryRaw<ListedGroup[]>`
        SELECT ${columns} FROM "group" g
        WHERE g.organisation_id = ${organisationId}
          ${after ? Prisma.sql`AND (g.name_key, g.id) > (${String(after[0])}, ${String(after[1])})` : Prisma.empty}
          ${before ? Prisma.sql`AND (g.name_key, g.id) < (${String(before[0])}, ${String(before[1])})` : Prisma.empty}
        ORDER BY g.name_key ${direction}, g.id ${direction} LIMIT ${limit}`;
    },

    count: (organisationId: string) => db.group.count({ where: { organisationId } }),

    /** The groups of some people, by name. */
    selectManyOfUsers: (organisationId: string, userIds: readonly string[]) =>
      db.$queryRaw<(ListedGroup & { userId: string })[]>`
        SELECT m.user_id AS "userId", ${columns}
        FROM group_member m JOIN "group" g ON g.organisation_id = m.organisation_id AND g.id = m.group_id
        WHERE m.organisation_id = ${organisationId} AND m.user_id = ANY(${[...userIds]}::text[])
        ORDER BY g.name_key, g.id`,

    /** The groups with these names. */
    selectManyByName: (organisationId: string, names: readonly string[]) =>
      db.group.findMany({ where: { organisationId, name: { in: [...names] } } }),

    /** Those whose name or external id no other group has; the others are left out. */
    insertMany: (groups: readonly (GroupText & { id: string; organisationId: string })[]) =>
      db.group.createManyAndReturn({ data: [...groups], skipDuplicates: true }),

    /** @throws a unique violation where another group has the name or the external id */
    update: (organisationId: string, id: string, change: Partial<GroupText>) =>
      db.group.update({ where: { id, organisationId }, data: { ...change, revision: { increment: 1 } } }),

    delete: (organisationId: string, id: string) => db.group.delete({ where: { id, organisationId } }),

    /** Holds the group against other writers until the transaction ends; null where there is none. */
    lock: async (organisationId: string, id: string): Promise<Group | null> => {
      const [row] = await db.$queryRaw<Group[]>`
        SELECT ${columns} FROM "group" g WHERE g.organisation_id = ${organisationId} AND g.id = ${id} FOR UPDATE`;
      return row ?? null;
    },

    /** Puts people into groups. Answers those who were not in: who was stays. */
    insertMembers: (organisationId: string, members: readonly { groupId: string; userId: string }[]) =>
      db.$queryRaw<{ groupId: string; userId: string }[]>`
        INSERT INTO group_member (organisation_id, group_id, user_id)
        SELECT ${organisationId}, group_id, user_id
        FROM unnest(
          ${members.map(({ groupId }) => groupId)}::text[], ${members.map(({ userId }) => userId)}::text[]
        ) AS given (group_id, user_id)
        ON CONFLICT DO NOTHING
        RETURNING group_id AS "groupId", user_id AS "userId"`,

    /** Counts a change of who is in them. Answers them as they are then. */
    updateMembersRevision: (organisationId: string, ids: readonly string[]) =>
      db.group.updateManyAndReturn({
        where: { organisationId, id: { in: [...ids] } },
        data: { membersRevision: { increment: 1 } },
      }),

    /** Takes people out of a group. Answers those who were in. */
    deleteMembers: async (organisationId: string, groupId: string, userIds: readonly string[]) => {
      const rows = await db.$queryRaw<{ userId: string }[]>`
        DELETE FROM group_member
        WHERE organisation_id = ${organisationId} AND group_id = ${groupId} AND user_id = ANY(${[...userIds]}::text[])
        RETURNING user_id AS "userId"`;
      return rows.map(({ userId }) => userId);
    },
  };
}
