import type { ValuesChange } from '../domain/settings/checked-values.ts';
import type { Connection } from './store.ts';

export type Chosen = Readonly<Record<string, unknown>>;

/** What people set for themselves, of which the row has only what differs from the defaults. */
export function preferenceStore(db: Connection) {
  return {
    selectOptional: async (organisationId: string, userId: string): Promise<Chosen | null> => {
      const row = await db.preference.findUnique({
        where: { organisationId_userId: { organisationId, userId } },
        select: { chosen: true },
      });
      return row && (row.chosen as Chosen);
    },

    /** One statement, so that of two changes at once each keeps what the other set. Answers all that is set then. */
    upsert: async (organisationId: string, userId: string, { set, unset }: ValuesChange): Promise<Chosen> => {
      const [row] = await db.$queryRaw<{ chosen: Chosen }[]>`
        INSERT INTO preference AS known (organisation_id, user_id, chosen)
        VALUES (${organisationId}, ${userId}, ${JSON.stringify(set)}::jsonb)
        ON CONFLICT (organisation_id, user_id)
          DO UPDATE SET chosen = (known.chosen || excluded.chosen) - ${[...unset]}::text[]
        RETURNING chosen`;
      return row?.chosen ?? {};
    },
  };
}
