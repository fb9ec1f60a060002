import type { Page } from '@lyceum/graphql';
import type { Membership, Prisma } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Membership };

/** A person as one organisation knows them. */
export interface Member {
  /** The user's. */
  readonly id: string;
  readonly organisationId: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly revision: number;
  /** Since when they belong to the organisation. */
  readonly createdAt: Date;
}

/** Whose something is: a person in an organisation. */
export interface MembershipKey {
  readonly organisationId: string;
  readonly userId: string;
}

export interface MemberSelection {
  /** A part of the name, in whatever case; undefined: whoever. */
  readonly search: string | undefined;
  /** Whether `search` may be a part of the address too. */
  readonly inAddresses: boolean;
  readonly role: string | undefined;
}

const withAddress = {
  include: { user: { select: { email: true } } },
  omit: { passwordHash: true },
} as const;

export function membershipStore(db: Connection) {
  return {
    /** Wherever the address belongs, with the passwords: to log in is to be in no organisation yet. */
    selectManyByEmail: (email: string) =>
      db.membership.findMany({
        where: { user: { email }, roles: { isEmpty: false } },
        include: { organisation: true },
        orderBy: { organisationId: 'asc' },
      }),

    /** Those of `userIds` who belong to the organisation. */
    selectMany: async (organisationId: string, userIds: readonly string[]): Promise<Member[]> => {
      const where = { organisationId, userId: { in: [...userIds] } };
      return (await db.membership.findMany({ where, ...withAddress })).map(memberOf);
    },

    selectOptional: (organisationId: string, userId: string) =>
      db.membership.findUnique({ where: { organisationId_userId: { organisationId, userId } } }),

    /** One page of an organisation's people, by name. */
    selectPage: async (organisationId: string, selection: MemberSelection, page: Page): Promise<Member[]> => {
      const rows = await db.membership.findMany({
        where: { AND: [matching(organisationId, selection), ...placesOf(page)] },
        orderBy: page.backward
          ? [{ name: 'desc' }, { userId: 'desc' }]
          : [{ name: 'asc' }, { userId: 'asc' }],
        take: page.limit,
        ...withAddress,
      });
      return rows.map(memberOf);
    },

    count: (organisationId: string, selection: MemberSelection) =>
      db.membership.count({ where: matching(organisationId, selection) }),

    /** Holds the organisation's memberships against other writers until the transaction ends. */
    lockOrganisation: (organisationId: string) =>
      db.$queryRaw`SELECT 1 FROM organisation WHERE id = ${organisationId} FOR UPDATE`,

    /** How many organisations know a person, or have known them. */
    countOfUser: (userId: string) => db.membership.count({ where: { userId } }),

    countWithRole: (organisationId: string, role: string) =>
      db.membership.count({ where: { organisationId, roles: { has: role } } }),

    /** The member, whose account has the address; undefined where they belong to the organisation already. */
    insertOptional: async (
      membership: {
        organisationId: string;
        userId: string;
        name: string;
        passwordHash: string | null;
        roles: readonly string[];
      },
      email: string,
    ): Promise<Member | undefined> => {
      const [inserted] = await db.membership.createManyAndReturn({
        data: [{ ...membership, roles: [...membership.roles] }],
        skipDuplicates: true,
        omit: { passwordHash: true },
      });
      return inserted && memberOf({ ...inserted, user: { email } });
    },

    /** Holds a membership as it is until the transaction ends; others may hold it too. */
    lockShared: async (organisationId: string, userId: string) => {
      const [row] = await db.$queryRaw<Pick<Membership, 'passwordHash' | 'roles'>[]>`
        SELECT password_hash AS "passwordHash", roles
        FROM membership
        WHERE organisation_id = ${organisationId} AND user_id = ${userId}
        FOR SHARE`;
      return row ?? null;
    },

    /** Holds a membership against all who would hold it, in either way, until the transaction ends. */
    lock: (organisationId: string, userId: string) =>
      db.$queryRaw`
        SELECT 1 FROM membership WHERE organisation_id = ${organisationId} AND user_id = ${userId}
        FOR NO KEY UPDATE`,

    /** Replaces a password: 1 where the hash was still that one, 0 where somebody was quicker. */
    updatePassword: async (
      key: { organisationId: string; userId: string },
      from: string | null,
      to: string,
    ) => {
      const { count } = await db.membership.updateMany({
        where: { ...key, passwordHash: from },
        data: { passwordHash: to },
      });
      return count;
    },

    updateName: async (organisationId: string, userId: string, name: string): Promise<Member> => {
      const updated = await db.membership.update({
        where: { organisationId_userId: { organisationId, userId } },
        data: { name },
        ...withAddress,
      });
      return memberOf(updated);
    },

    updateRoles: async (
      organisationId: string,
      userId: string,
      roles: readonly string[],
    ): Promise<Member> => {
      const updated = await db.membership.update({
        where: { organisationId_userId: { organisationId, userId } },
        data: { roles: [...roles], revision: { increment: 1 } },
        ...withAddress,
      });
      return memberOf(updated);
    },
  };
}

type MembershipWithAddress = Omit<Membership, 'passwordHash'> & { readonly user: { readonly email: string } };

function memberOf({ userId, user, ...membership }: MembershipWithAddress): Member {
  return { ...membership, id: userId, email: user.email };
}

function matching(
  organisationId: string,
  { search, inAddresses, role }: MemberSelection,
): Prisma.MembershipWhereInput {
  const contains = { contains: literally(search ?? ''), mode: 'insensitive' } as const;
  const found = [{ name: contains }, ...(inAddresses ? [{ user: { email: contains } }] : [])];
  return {
    organisationId,
    roles: role === undefined ? { isEmpty: false } : { has: role },
    ...(search === undefined ? {} : { OR: found }),
  };
}

/** Prisma writes `contains` as ILIKE and leaves its wildcards what they are (PostgreSQL, 9.7.1). */
function literally(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** The keyset conditions of a page ordered by (name, id). */
function placesOf({ after, before }: Page): Prisma.MembershipWhereInput[] {
  const places: Prisma.MembershipWhereInput[] = [];
  if (after) places.push(beyond('gt', String(after[0]), String(after[1])));
  if (before) places.push(beyond('lt', String(before[0]), String(before[1])));
  return places;
}

function beyond(side: 'gt' | 'lt', name: string, userId: string): Prisma.MembershipWhereInput {
  return { OR: [{ name: { [side]: name } }, { name, userId: { [side]: userId } }] };
}
