import type { ValuesChange } from '../domain/settings/checked-values.ts';
import { Prisma } from './generated/client.ts';
import type { Connection } from './store.ts';

type Values = Readonly<Record<string, unknown>>;

/** What an organisation has set; of each part only what differs from the platform's defaults. */
export interface OrganisationSettingsRow {
  readonly organisationId: string;
  readonly settings: Values;
  readonly preferenceDefaults: Values;
  /** Name to true: people don't change these. */
  readonly preferenceLocks: Values;
}

export interface OrganisationSettingsChange {
  readonly settings?: ValuesChange;
  readonly preferenceDefaults?: ValuesChange;
  readonly preferenceLocks?: ValuesChange;
}

const columns = Prisma.sql`
  organisation_id AS "organisationId", settings, preference_defaults AS "preferenceDefaults",
  preference_locks AS "preferenceLocks"`;
const nothing: ValuesChange = { set: {}, unset: [] };

export function organisationSettingsStore(db: Connection) {
  return {
    /** Organisations that have never set anything have no row. */
    selectMany: (organisationIds: readonly string[]) =>
      db.$queryRaw<OrganisationSettingsRow[]>`
        SELECT ${columns} FROM organisation_settings WHERE organisation_id = ANY(${[...organisationIds]}::text[])`,

    /** Holds an organisation's against other writers until the transaction ends; makes the row where there is none. */
    lock: async (organisationId: string): Promise<OrganisationSettingsRow> => {
      const [row] = await db.$queryRaw<OrganisationSettingsRow[]>`
        INSERT INTO organisation_settings (organisation_id) VALUES (${organisationId})
        ON CONFLICT (organisation_id) DO UPDATE SET organisation_id = excluded.organisation_id
        RETURNING ${columns}`;
      return row ?? { organisationId, settings: {}, preferenceDefaults: {}, preferenceLocks: {} };
    },

    /** Leaves what it does not name, also names that only another version of the service knows. */
    update: async (
      organisationId: string,
      change: OrganisationSettingsChange,
    ): Promise<OrganisationSettingsRow[]> => {
      const { settings = nothing, preferenceDefaults = nothing, preferenceLocks = nothing } = change;
      return db.$queryRaw<OrganisationSettingsRow[]>`
        UPDATE organisation_settings
        SET settings = ${merged('settings', settings)},
          preference_defaults = ${merged('preference_defaults', preferenceDefaults)},
          preference_locks = ${merged('preference_locks', preferenceLocks)}
        WHERE organisation_id = ${organisationId}
        RETURNING ${columns}`;
    },
  };
}

type Column = 'settings' | 'preference_defaults' | 'preference_locks';

function merged(column: Column, { set, unset }: ValuesChange): Prisma.Sql {
  return Prisma.sql`(${Prisma.raw(column)} || ${JSON.stringify(set)}::jsonb) - ${[...unset]}::text[]`;
}
