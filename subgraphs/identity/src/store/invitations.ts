import type { Page } from '@lyceum/graphql';
import type { Invitation } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { Invitation };

const open = { acceptedAt: null, revokedAt: null } as const;

export function invitationStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.invitation.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    selectOptional: (organisationId: string, id: string) =>
      db.invitation.findFirst({ where: { organisationId, id } }),

    /** In the order in which they were made. */
    selectPage: (organisationId: string, page: Page) =>
      db.invitation.findMany({
        where: { organisationId, id: placeOf(page) },
        orderBy: { id: page.backward ? 'desc' : 'asc' },
        take: page.limit,
      }),

    count: (organisationId: string) => db.invitation.count({ where: { organisationId } }),

    insert: (invitation: Omit<Invitation, 'acceptedAt' | 'revokedAt' | 'createdAt'>) =>
      db.invitation.create({ data: invitation }),

    /** Those to an address that nobody has accepted: answers which were ended. */
    updateOpenRevoked: (organisationId: string, email: string) =>
      db.invitation.updateManyAndReturn({
        where: { organisationId, email, ...open },
        data: { revokedAt: new Date() },
        select: { id: true },
      }),

    /** Each changes an invitation that is open: 1 where this call did it. */
    updateRevoked: async (organisationId: string, id: string) => {
      const where = { organisationId, id, ...open };
      return (await db.invitation.updateMany({ where, data: { revokedAt: new Date() } })).count;
    },

    updateAccepted: async (organisationId: string, id: string) => {
      const where = { organisationId, id, ...open };
      return (await db.invitation.updateMany({ where, data: { acceptedAt: new Date() } })).count;
    },

    updateRenewed: async (
      organisationId: string,
      id: string,
      renewed: Pick<Invitation, 'expiresAt' | 'invitedBy' | 'inviterOrganisationId'>,
    ) => {
      const where = { organisationId, id, ...open };
      return (await db.invitation.updateMany({ where, data: renewed })).count;
    },
  };
}
