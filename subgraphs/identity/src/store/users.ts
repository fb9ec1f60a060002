import type { Page } from '@lyceum/graphql';
import { type Prisma, type User } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { User };

export interface UserSelection {
  /** A part of the name, in whatever case; undefined: whoever. */
  readonly search: string | undefined;
  /** Whether `search` may be a part of the address too. */
  readonly inAddresses: boolean;
  readonly role: string | undefined;
}

export interface NewUserRow {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string;
  readonly passwordHash: string | null;
}

export function userStore(db: Connection) {
  return {
    selectOptionalByEmail: (email: string) => db.user.findUnique({ where: { email } }),

    /** Those of `ids` who belong to the organisation. */
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.user.findMany({ where: { id: { in: [...ids] }, memberships: { some: { organisationId } } } }),

    /** One page of an organisation's people, by name. */
    selectPage: (organisationId: string, selection: UserSelection, page: Page) =>
      db.user.findMany({
        where: { AND: [inOrganisation(organisationId, selection), ...placesOf(page)] },
        orderBy: page.backward ? [{ name: 'desc' }, { id: 'desc' }] : [{ name: 'asc' }, { id: 'asc' }],
        take: page.limit,
      }),

    count: (organisationId: string, selection: UserSelection) =>
      db.user.count({ where: inOrganisation(organisationId, selection) }),

    /** The account, or undefined where another has its address already. */
    insertOptional: async (user: NewUserRow): Promise<User | undefined> => {
      const [inserted] = await db.user.createManyAndReturn({ data: [user], skipDuplicates: true });
      return inserted;
    },
  };
}

function inOrganisation(
  organisationId: string,
  { search, inAddresses, role }: UserSelection,
): Prisma.UserWhereInput {
  const contains = { contains: literally(search ?? ''), mode: 'insensitive' } as const;
  return {
    memberships: { some: { organisationId, roles: role === undefined ? { isEmpty: false } : { has: role } } },
    ...(search === undefined
      ? {}
      : { OR: [{ name: contains }, ...(inAddresses ? [{ email: contains }] : [])] }),
  };
}

/** Prisma writes `contains` as ILIKE and leaves its wildcards what they are (PostgreSQL, 9.7.1). */
function literally(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** The keyset conditions of a page ordered by (name, id). */
function placesOf({ after, before }: Page): Prisma.UserWhereInput[] {
  const places: Prisma.UserWhereInput[] = [];
  if (after) places.push(beyond('gt', String(after[0]), String(after[1])));
  if (before) places.push(beyond('lt', String(before[0]), String(before[1])));
  return places;
}

function beyond(side: 'gt' | 'lt', name: string, id: string): Prisma.UserWhereInput {
  return { OR: [{ name: { [side]: name } }, { name, id: { [side]: id } }] };
}
