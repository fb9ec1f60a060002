import type { Connection } from './store.ts';

export interface OrganisationState {
  readonly id: string;
  readonly suspended: boolean;
  readonly revision: number;
}

export function organisationStore(db: Connection) {
  return {
    /** Unless a later state is known. */
    upsert: ({ id, suspended, revision }: OrganisationState) => db.$executeRaw`
      INSERT INTO organisation (id, suspended, revision) VALUES (${id}, ${suspended}, ${revision})
      ON CONFLICT (id) DO UPDATE SET suspended = EXCLUDED.suspended, revision = EXCLUDED.revision
      WHERE organisation.revision < EXCLUDED.revision`,
  };
}
