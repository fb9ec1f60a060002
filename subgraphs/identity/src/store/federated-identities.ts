import type { FederatedIdentity } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { FederatedIdentity };

/** Who people are to providers. */
export function federatedIdentityStore(db: Connection) {
  return {
    selectOptional: (organisationId: string, providerId: string, subject: string) =>
      db.federatedIdentity.findFirst({ where: { organisationId, providerId, subject } }),

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
