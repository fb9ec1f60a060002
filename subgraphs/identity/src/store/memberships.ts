import type { Membership, Organisation } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Membership };

/** A person as one organisation knows them. The `id` is the user's; `createdAt` says since when they belong to it. */
export type Member = Omit<Membership, 'passwordHash' | 'userId'> & { readonly id: string };

/** Whose something is: a person in an organisation. */
export interface MembershipKey {
  readonly organisationId: string;
  readonly userId: string;
}

/** A place where an address may log in to. */
export interface MembershipOfAddress extends MembershipKey {
  readonly passwordHash: string | null;
  readonly organisation: Pick<Organisation, 'slug' | 'name' | 'secondFactorRequired'>;
}

/** What a person, or an administrator, says of them. */
export type Profile = Pick<
  Member,
  'name' | 'givenName' | 'familyName' | 'pronouns' | 'avatarUrl' | 'locale' | 'timeZone' | 'bio'
>;

/** A membership with its password, and where it is. */
export type MembershipInOrganisation = Membership & { readonly organisation: Organisation };

const withoutPassword = { omit: { passwordHash: true } } as const;

export function membershipStore(db: Connection) {
  return {
    /** Whatever opens to the address, with the passwords: to log in is to be in no organisation yet. */
    selectManyByEmail: (email: string) =>
      db.$queryRaw<MembershipOfAddress[]>`
        SELECT membership.user_id AS "userId",
          membership.organisation_id AS "organisationId",
          membership.password_hash AS "passwordHash",
          jsonb_build_object(
            'slug', organisation.slug,
            'name', organisation.name,
            'secondFactorRequired', organisation.second_factor_required
          ) AS organisation
        FROM membership
        JOIN "user" ON "user".id = membership.user_id
        JOIN organisation ON organisation.id = membership.organisation_id
        WHERE "user".email = ${email} AND membership.roles <> '{}'
          AND membership.deactivated_at IS NULL AND organisation.suspended_at IS NULL
        ORDER BY membership.organisation_id`,

    /** Those of `userIds` who belong to the organisation. */
    selectMany: async (organisationId: string, userIds: readonly string[]): Promise<Member[]> => {
      const where = { organisationId, userId: { in: [...userIds] } };
      return (await db.membership.findMany({ where, ...withoutPassword })).map(memberOf);
    },

    /** Those who are in the organisation, after one by id. */
    selectManyAfter: async (organisationId: string, userId: string, limit: number): Promise<Member[]> => {
      const rows = await db.membership.findMany({
        where: { organisationId, userId: { gt: userId }, roles: { isEmpty: false } },
        orderBy: { userId: 'asc' },
        take: limit,
        ...withoutPassword,
      });
      return rows.map(memberOf);
    },

    selectOptional: (organisationId: string, userId: string) =>
      db.membership.findUnique({ where: { organisationId_userId: { organisationId, userId } } }),

    /** A person's membership that opens the organisation with that slug. */
    selectOptionalBySlug: (userId: string, slug: string): Promise<MembershipInOrganisation | null> =>
      db.membership.findFirst({
        where: {
          userId,
          roles: { isEmpty: false },
          deactivatedAt: null,
          organisation: { slug, suspendedAt: null },
        },
        include: { organisation: true },
      }),

    /** Holds the organisation's memberships against other writers until the transaction ends. */
    lockOrganisation: (organisationId: string) =>
      db.$queryRaw`SELECT 1 FROM organisation WHERE id = ${organisationId} FOR UPDATE`,

    /** How many organisations know a person, or have known them. */
    countOfUser: (userId: string) => db.membership.count({ where: { userId } }),

    /** Of those who may log in. */
    countWithRole: (organisationId: string, role: string) =>
      db.membership.count({ where: { organisationId, roles: { has: role }, deactivatedAt: null } }),

    /** A membership that opens its organisation: not removed, not deactivated, and the organisation not suspended. */
    selectOptionalOpen: (organisationId: string, userId: string) =>
      db.membership.findFirst({
        where: {
          organisationId,
          userId,
          roles: { isEmpty: false },
          deactivatedAt: null,
          organisation: { suspendedAt: null },
        },
      }),

    /** The member, whose account has the address; undefined where they belong to the organisation already. */
    insertOptional: async (membership: {
      organisationId: string;
      userId: string;
      name: string;
      email: string;
      passwordHash: string | null;
      passwordGiven: boolean;
      roles: readonly string[];
    }): Promise<Member | undefined> => {
      const [inserted] = await db.membership.createManyAndReturn({
        data: [{ ...membership, roles: [...membership.roles] }],
        skipDuplicates: true,
        ...withoutPassword,
      });
      return inserted && memberOf(inserted);
    },

    /** Holds a membership that opens its organisation as it is until the transaction ends; others may hold it too. */
    lockShared: async (organisationId: string, userId: string) => {
      const [row] = await db.$queryRaw<Pick<Membership, 'passwordHash' | 'roles'>[]>`
        SELECT password_hash AS "passwordHash", roles
        FROM membership
        WHERE organisation_id = ${organisationId} AND user_id = ${userId} AND roles <> '{}'
          AND deactivated_at IS NULL
          AND EXISTS (SELECT FROM organisation WHERE id = ${organisationId} AND suspended_at IS NULL)
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
      /** Whether its owner chose it now; else it is the same password, hashed anew. */
      chosen: boolean,
    ) => {
      const { count } = await db.membership.updateMany({
        where: { ...key, passwordHash: from },
        data: { passwordHash: to, ...(chosen ? { passwordGiven: false } : {}) },
      });
      return count;
    },

    updateProfile: async (
      organisationId: string,
      userId: string,
      profile: Partial<Profile>,
    ): Promise<Member> => {
      const updated = await db.membership.update({
        where: { organisationId_userId: { organisationId, userId } },
        data: profile,
        ...withoutPassword,
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
        data: {
          roles: [...roles],
          revision: { increment: 1 },
          // Who is taken back is taken back, whatever they were before.
          ...(roles.length === 0 ? { deactivatedAt: null } : {}),
        },
        ...withoutPassword,
      });
      return memberOf(updated);
    },

    updateDeactivated: async (
      organisationId: string,
      userId: string,
      deactivatedAt: Date | null,
    ): Promise<Member> => {
      const updated = await db.membership.update({
        where: { organisationId_userId: { organisationId, userId } },
        data: { deactivatedAt, revision: { increment: 1 } },
        ...withoutPassword,
      });
      return memberOf(updated);
    },
  };
}

function memberOf({ userId, ...membership }: Omit<Membership, 'passwordHash'>): Member {
  return { ...membership, id: userId };
}
