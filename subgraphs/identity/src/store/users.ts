import type { Page } from '@lyceum/graphql';
import { type Prisma, type User } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { User };

export interface UserFilter {
  readonly search?: string | null | undefined;
  readonly role?: string | null | undefined;
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
    selectPage: (organisationId: string, filter: UserFilter, page: Page) =>
      db.user.findMany({
        where: { AND: [inOrganisation(organisationId, filter), ...placesOf(page)] },
        orderBy: page.backward ? [{ name: 'desc' }, { id: 'desc' }] : [{ name: 'asc' }, { id: 'asc' }],
        take: page.limit,
      }),

    count: (organisationId: string, filter: UserFilter) =>
      db.user.count({ where: inOrganisation(organisationId, filter) }),

    /** The account, or undefined where another has its address already. */
    insertOptional: async (user: NewUserRow): Promise<User | undefined> => {
      const [inserted] = await db.user.createManyAndReturn({ data: [user], skipDuplicates: true });
      return inserted;
    },
  };
}

function inOrganisation(organisationId: string, { search, role }: UserFilter): Prisma.UserWhereInput {
  const text = search?.trim();
  const contains = { contains: text ?? '', mode: 'insensitive' as const };
  return {
    memberships: { some: { organisationId, roles: role ? { has: role } : { isEmpty: false } } },
    ...(text ? { OR: [{ name: contains }, { email: contains }] } : {}),
  };
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
