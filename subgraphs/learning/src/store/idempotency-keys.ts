import type { Connection } from './store.ts';

export interface IdempotencyKeyRow {
  readonly organisationId: string;
  readonly userId: string;
  readonly key: string;
  readonly inputHash: string;
  readonly enrolmentId: string;
}

export function idempotencyKeyStore(db: Connection) {
  return {
    /**
     * Takes the key for this request; one that another request is taking is waited for.
     *
     * @returns false where the key was taken before.
     */
    insert: async (row: IdempotencyKeyRow) => {
      const { count } = await db.idempotencyKey.createMany({ data: row, skipDuplicates: true });
      return count > 0;
    },

    selectOptional: ({
      organisationId,
      userId,
      key,
    }: Pick<IdempotencyKeyRow, 'organisationId' | 'userId' | 'key'>) =>
      db.idempotencyKey.findUnique({ where: { organisationId_userId_key: { organisationId, userId, key } } }),
  };
}
