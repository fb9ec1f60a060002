import type { Connection } from './store.ts';

export interface OrganisationState {
  readonly id: string;
  readonly suspended: boolean;
  readonly revision: number;
  /** Sessions that began before have ended. */
  readonly sessionsFrom?: Date | null;
}

export function organisationStore(db: Connection) {
  return {
    /** Unless a later state is known. */
    upsert: ({ id, suspended, revision, sessionsFrom = null }: OrganisationState) => db.$executeRaw`
      INSERT INTO organisation (id, suspended, revision, sessions_from)
      VALUES (${id}, ${suspended}, ${revision}, ${sessionsFrom}::timestamptz)
      ON CONFLICT (id) DO UPDATE SET suspended = EXCLUDED.suspended, revision = EXCLUDED.revision,
        sessions_from = EXCLUDED.sessions_from
      WHERE organisation.revision < EXCLUDED.revision`,
  };
}
