import type { FederatedIdentity } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { FederatedIdentity };

/** Who people are to providers. */
export function federatedIdentityStore(db: Connection) {
  return {
    selectOptional: (organisationId: string, providerId: string, subject: string) =>
      db.federatedIdentity.findFirst({ where: { organisationId, providerId, subject } }),

    selectManyOfUser: (organisationId: string, userId: string) =>
      db.federatedIdentity.findMany({
        where: { organisationId, userId },
        include: { provider: true },
        orderBy: { providerId: 'asc' },
      }),

    /** 1 where the person was linked to the provider. */
    delete: async (organisationId: string, providerId: string, userId: string): Promise<number> => {
      const where = { organisationId, providerId, userId };
      return (await db.federatedIdentity.deleteMany({ where })).count;
    },

    /** Undefined where the subject is somebody's already, or the person somebody to the provider. */
    insertOptional: async (
      identity: Omit<FederatedIdentity, 'createdAt'>,
    ): Promise<FederatedIdentity | undefined> => {
      const [inserted] = await db.federatedIdentity.createManyAndReturn({
        data: [identity],
        skipDuplicates: true,
      });
      return inserted;
    },
  };
}
