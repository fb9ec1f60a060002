import type { ErasedPerson } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { ErasedPerson };

/**
 * The log keeps records for days, and those that could not be read for 90: nothing from before an erasure comes after
 * that.
 */
const keptMs = 90 * 24 * 60 * 60_000;

export function erasedPersonStore(db: Connection) {
  return {
    /** Does nothing where the job is known: its salt and hashes stay. */
    insert: (person: Omit<ErasedPerson, 'createdAt'>) =>
      db.erasedPerson.createMany({ data: [person], skipDuplicates: true }),

    /** The erasures that cover what these organisations had stored at a time or later. */
    selectSince: (organisationIds: readonly string[], stored: Date): Promise<ErasedPerson[]> =>
      db.erasedPerson.findMany({
        where: { organisationId: { in: [...organisationIds] }, erasedUntil: { gte: stored } },
        orderBy: { erasedUntil: 'asc' },
      }),

    deleteOld: (now: Date) =>
      db.erasedPerson.deleteMany({ where: { createdAt: { lt: new Date(now.getTime() - keptMs) } } }),
  };
}
