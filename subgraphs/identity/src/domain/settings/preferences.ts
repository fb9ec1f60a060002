import { requirePermission, type Viewer } from '@lyceum/service';
import type { OrganisationSettingsRow } from '../../store/organisation-settings.ts';
import type { Database, Store } from '../../store/store.ts';
import { actOn, recordAct } from '../audit.ts';
import { withRefusalsAudited } from '../audited-refusals.ts';
import { settledByOrganisation } from '../errors.ts';
import { requireNow } from '../require-now.ts';
import {
  preferenceCatalogue,
  preferenceNames,
  type PreferenceName,
  type PreferenceValues,
} from './catalogue.ts';
import {
  checkedChange,
  namesIn,
  readable,
  standards,
  type Changes,
  type StoredValues,
} from './checked-values.ts';
import { changesOf } from './organisation-settings.ts';

type PreferenceChanges = Changes<typeof preferenceCatalogue>;

export interface Preferences extends PreferenceValues {
  /** Those that the organisation settles. */
  readonly locked: readonly PreferenceName[];
}

export interface DefaultsChange {
  readonly defaults?: PreferenceChanges | null | undefined;
  readonly lock?: readonly PreferenceName[] | null | undefined;
  readonly unlock?: readonly PreferenceName[] | null | undefined;
}

const act = 'organisation.preferences-update';

export type PreferencesOfPeople = ReturnType<typeof createPreferences>;

/** How people like it: what they set, else what their organisation does, else what the platform does. */
export function createPreferences({ store }: { store: Database }) {
  return {
    /** The viewer's own. @throws FORBIDDEN */
    async of(viewer: Viewer): Promise<Preferences> {
      requirePermission(viewer, 'preference.read.own');
      const { organisationId, userId } = viewer;
      const [chosen, row] = await Promise.all([
        store.preferences.selectOptional(organisationId, userId),
        rowOf(store, organisationId),
      ]);
      return resolved(row, chosen ?? {});
    },

    /** An organisation's: those of who never set any. */
    defaultsOf: async (organisationId: string): Promise<Preferences> =>
      resolved(await rowOf(store, organisationId), {}),

    /**
     * Changes the viewer's own: what is absent stays, null is the organisation's default again.
     *
     * @throws INVALID; CONFLICT for one that the organisation has locked
     */
    async update(viewer: Viewer, input: PreferenceChanges): Promise<Preferences> {
      const change = checkedChange(preferenceCatalogue, input, ['input']);
      const { organisationId, userId } = viewer;
      const row = await rowOf(store, organisationId);
      const settled = locksIn(row).find((name) => namesIn(change).includes(name));
      if (settled !== undefined) throw settledByOrganisation(settled);
      return resolved(row, await store.preferences.upsert(organisationId, userId, change));
    },

    /** Changes what the organisation's people begin with, and what they can't change. @throws INVALID, FORBIDDEN */
    async updateDefaults(viewer: Viewer, { defaults, lock, unlock }: DefaultsChange): Promise<Preferences> {
      const change = checkedChange(preferenceCatalogue, defaults ?? {}, ['input', 'defaults']);
      const locks = {
        set: Object.fromEntries((lock ?? []).map((name) => [name, true])),
        unset: unlock ?? [],
      };
      const { organisationId } = viewer;
      const entry = actOn(viewer, act, organisationId);
      return withRefusalsAudited(store, entry, () =>
        store.transaction(async (tx) => {
          await requireNow(tx, viewer, 'organisation.settings.update');
          const before = resolved(await tx.organisationSettings.lock(organisationId), {});
          const parts = { preferenceDefaults: change, preferenceLocks: locks };
          const [row] = await tx.organisationSettings.update(organisationId, parts);
          const after = resolved(row, {});
          await recordAct(tx, { ...entry, changes: changesOf(before, after) });
          return after;
        }),
      );
    },
  };
}

type Row = OrganisationSettingsRow | undefined;

const rowOf = async (store: Store, organisationId: string): Promise<Row> =>
  (await store.organisationSettings.selectMany([organisationId]))[0];

/** What somebody set before it was locked waits for the lock to go. */
function resolved(row: Row, chosen: StoredValues): Preferences {
  const locked = locksIn(row);
  const own = Object.entries(chosen).filter(([name]) => !locked.some((each) => each === name));
  return {
    ...standards(preferenceCatalogue),
    ...readable(preferenceCatalogue, row?.preferenceDefaults ?? {}),
    ...readable(preferenceCatalogue, Object.fromEntries(own)),
    locked,
  };
}

const locksIn = (row: Row): PreferenceName[] =>
  preferenceNames.filter((name) => row?.preferenceLocks[name] === true);
