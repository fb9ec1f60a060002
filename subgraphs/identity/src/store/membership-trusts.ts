import type { MembershipTrust } from './generated/client.ts';
import type { MembershipKey } from './memberships.ts';
import type { Connection } from './store.ts';

export type { MembershipTrust };

/** From where to where a person need not show their password again. */
export function membershipTrustStore(db: Connection) {
  return {
    selectOptional: ({ organisationId, userId }: MembershipKey, toOrganisationId: string, now: Date) =>
      db.membershipTrust.findFirst({
        where: { organisationId, userId, toOrganisationId, expiresAt: { gt: now } },
      }),

    selectMany: ({ organisationId, userId }: MembershipKey, now: Date) =>
      db.membershipTrust.findMany({
        where: { organisationId, userId, expiresAt: { gt: now } },
        orderBy: { toOrganisationId: 'asc' },
      }),

    /** In the place of what was trusted before. */
    upsert: ({ userId, organisationId, toOrganisationId, ...state }: Omit<MembershipTrust, 'createdAt'>) =>
      db.membershipTrust.upsert({
        where: {
          userId_organisationId_toOrganisationId: { userId, organisationId, toOrganisationId },
        },
        create: { userId, organisationId, toOrganisationId, ...state },
        update: { ...state, createdAt: new Date() },
      }),

    /** All that lead from or to a membership. */
    deleteAll: ({ organisationId, userId }: MembershipKey) =>
      db.membershipTrust.deleteMany({
        where: { userId, OR: [{ organisationId }, { toOrganisationId: organisationId }] },
      }),

    deleteExpired: (now: Date) => db.membershipTrust.deleteMany({ where: { expiresAt: { lt: now } } }),
  };
}
