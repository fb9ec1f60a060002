import type { Membership } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Membership };

export function membershipStore(db: Connection) {
  return {
    selectManyOfUser: (userId: string) =>
      db.membership.findMany({
        where: { userId, roles: { isEmpty: false } },
        include: { organisation: true },
        orderBy: { organisationId: 'asc' },
      }),

    /** The memberships of these users in one organisation. */
    selectMany: (organisationId: string, userIds: readonly string[]) =>
      db.membership.findMany({ where: { organisationId, userId: { in: [...userIds] } } }),

    selectOptional: (organisationId: string, userId: string) =>
      db.membership.findUnique({ where: { organisationId_userId: { organisationId, userId } } }),

    /** Holds the organisation's memberships against other writers until the transaction ends. */
    lockOrganisation: (organisationId: string) =>
      db.$queryRaw`SELECT 1 FROM organisation WHERE id = ${organisationId} FOR UPDATE`,

    countWithRole: (organisationId: string, role: string) =>
      db.membership.count({ where: { organisationId, roles: { has: role } } }),

    insert: (membership: { organisationId: string; userId: string; roles: readonly string[] }) =>
      db.membership.create({ data: { ...membership, roles: [...membership.roles] } }),

    update: (organisationId: string, userId: string, roles: readonly string[]) =>
      db.membership.update({
        where: { organisationId_userId: { organisationId, userId } },
        data: { roles: [...roles], revision: { increment: 1 } },
      }),
  };
}
