import type { Page } from '@lyceum/graphql';
import { Prisma } from './generated/client.ts';
import type { Member } from './memberships.ts';
import type { Connection } from './store.ts';

// Lists of an organisation's people, at any size of it. Each statement is planned with its values, so that PostgreSQL
// knows a rare role from a common one; what they cost at a million people is in bench/ (identity).

export interface MemberSelection {
  /** A part of the name, without regard to case and accents; undefined: whoever. */
  readonly search: string | undefined;
  /** Whether `search` may be a part of the address too. */
  readonly inAddresses: boolean;
  readonly role: string | undefined;
  readonly groupId: string | undefined;
  /** Absent: whoever is in the organisation, deactivated or not. */
  readonly state: 'ACTIVE' | 'DEACTIVATED' | 'REMOVED' | undefined;
}

export interface MemberOrder {
  readonly field: 'NAME' | 'EMAIL' | 'CREATED_AT';
  readonly descending: boolean;
}

/** With what the order by name compares. */
export type ListedMember = Member & { readonly nameKey: string };

const columns = Prisma.sql`
  user_id AS id, organisation_id AS "organisationId", name, email, external_id AS "externalId",
  given_name AS "givenName", family_name AS "familyName", pronouns, avatar_url AS "avatarUrl", locale,
  time_zone AS "timeZone", bio, roles, password_given AS "passwordGiven", deactivated_at AS "deactivatedAt", revision, created_at AS "createdAt", name_key AS "nameKey"`;

export function peoplePages(db: Connection) {
  /**
   * The sets of roles that people of the organisation have, by a loose scan: one step in the index for each
   * (https://wiki.postgresql.org/wiki/Loose_indexscan).
   */
  const roleSets = async (organisationId: string): Promise<string[][]> => {
    const rows = await db.$queryRaw<{ roles: string[] }[]>`
      WITH RECURSIVE role_set AS (
        (SELECT roles FROM membership WHERE organisation_id = ${organisationId} ORDER BY roles LIMIT 1)
        UNION ALL
        SELECT (SELECT m.roles FROM membership m
                WHERE m.organisation_id = ${organisationId} AND m.roles > role_set.roles ORDER BY m.roles LIMIT 1)
        FROM role_set WHERE role_set.roles IS NOT NULL
      )
      SELECT roles FROM role_set WHERE roles IS NOT NULL`;
    return rows.map(({ roles }) => roles);
  };

  /** Conditions on the roles, each of which an index serves; the people of the list are those of any. */
  const partsOf = async (organisationId: string, { role, state }: MemberSelection): Promise<Prisma.Sql[]> => {
    if (state === 'REMOVED') return [Prisma.sql`roles = '{}'`];
    if (role === undefined) return [Prisma.sql`roles <> '{}'`];
    const sets = await roleSets(organisationId);
    return sets.filter((set) => set.includes(role)).map((set) => Prisma.sql`roles = ${set}::text[]`);
  };

  return {
    selectPage: async (
      organisationId: string,
      selection: MemberSelection,
      order: MemberOrder,
      page: Page,
    ): Promise<ListedMember[]> => {
      const parts = await partsOf(organisationId, selection);
      if (parts.length === 0) return [];
      const conditions = Prisma.join(
        [matching(organisationId, selection), ...placesOf(order, page)],
        ' AND ',
      );
      const { column, key } = keys[order.field];
      const direction = order.descending === page.backward ? Prisma.sql`ASC` : Prisma.sql`DESC`;
      const pageOf = (part: Prisma.Sql) => Prisma.sql`
        (SELECT ${columns} FROM membership WHERE ${conditions} AND ${part}
         ORDER BY ${column} ${direction}, user_id ${direction} LIMIT ${page.limit})`;
      return db.$queryRaw<ListedMember[]>`
        SELECT * FROM (${Prisma.join(parts.map(pageOf), ' UNION ALL ')}) AS part
        ORDER BY ${key} ${direction}, id ${direction} LIMIT ${page.limit}`;
    },

    count: async (organisationId: string, selection: MemberSelection): Promise<number> => {
      const parts = await partsOf(organisationId, selection);
      if (parts.length === 0) return 0;
      const [row] = await db.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM membership
        WHERE ${matching(organisationId, selection)} AND (${Prisma.join(parts, ' OR ')})`;
      return row?.count ?? 0;
    },
  };
}

/** What each order compares: a column of the table, and its name in the answer. */
const keys = {
  NAME: { column: Prisma.sql`name_key`, key: Prisma.sql`"nameKey"`, type: Prisma.sql`text` },
  EMAIL: { column: Prisma.sql`email`, key: Prisma.sql`email`, type: Prisma.sql`text` },
  CREATED_AT: { column: Prisma.sql`created_at`, key: Prisma.sql`"createdAt"`, type: Prisma.sql`timestamptz` },
};

function matching(
  organisationId: string,
  { search, inAddresses, groupId, state }: MemberSelection,
): Prisma.Sql {
  const conditions = [Prisma.sql`organisation_id = ${organisationId}`];
  if (state === 'ACTIVE') conditions.push(Prisma.sql`deactivated_at IS NULL`);
  if (state === 'DEACTIVATED') conditions.push(Prisma.sql`deactivated_at IS NOT NULL`);
  if (search !== undefined) conditions.push(found(search, inAddresses));
  if (groupId !== undefined)
    conditions.push(Prisma.sql`user_id IN (
      SELECT user_id FROM group_member WHERE organisation_id = ${organisationId} AND group_id = ${groupId})`);
  return Prisma.join(conditions, ' AND ');
}

/** LIKE's wildcards are escaped (PostgreSQL, 9.7.1), after the key is made: it may make some (％ is one). */
function found(search: string, inAddresses: boolean): Prisma.Sql {
  const pattern = Prisma.sql`'%' || regexp_replace(look_up_key(${search}), '([\\\\%_])', '\\\\\\1', 'g') || '%'`;
  if (!inAddresses) return Prisma.sql`name_key LIKE ${pattern}`;
  const inAddress = Prisma.sql`'%' || regexp_replace(lower(${search}), '([\\\\%_])', '\\\\\\1', 'g') || '%'`;
  return Prisma.sql`(name_key LIKE ${pattern} OR email LIKE ${inAddress})`;
}

/** The keyset conditions of a page: rows are compared as a whole (PostgreSQL, 9.25.5), which an index answers. */
function placesOf({ field, descending }: MemberOrder, { after, before }: Page): Prisma.Sql[] {
  const { column, type } = keys[field];
  const beyond = (place: Page['after'], forward: boolean) => {
    const side = forward === descending ? Prisma.sql`<` : Prisma.sql`>`;
    return place === undefined
      ? []
      : [Prisma.sql`(${column}, user_id) ${side} (${place[1]}::${type}, ${String(place[2])})`];
  };
  return [...beyond(after, true), ...beyond(before, false)];
}
