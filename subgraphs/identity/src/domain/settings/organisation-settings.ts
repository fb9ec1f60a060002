import { invalid, type Viewer } from '@lyceum/service';
import type { OrganisationSettingsRow } from '../../store/organisation-settings.ts';
import type { Database, Store } from '../../store/store.ts';
import { actOn, recordAct, type AuditEntry } from '../audit.ts';
import { requireNow } from '../require-now.ts';
import { settingsCatalogue, type SettingValues } from './catalogue.ts';
import { checkedChange, readable, standards, type Changes, type ValuesChange } from './checked-values.ts';

const permission = 'organisation.settings.update';
const act = 'organisation.settings-update';

export type OrganisationSettings = ReturnType<typeof createOrganisationSettings>;

/** What an organisation decides for all of its people. Each is obeyed where what it is about is done. */
export function createOrganisationSettings({
  store,
  sessionDays,
}: {
  store: Database;
  /** The platform's, which no organisation exceeds. */
  sessionDays: number;
}) {
  const shown = (row: Row | undefined): SettingValues => withinPlatform(settingsIn(row), sessionDays);

  return {
    /** Of each of these organisations, in their order. */
    async ofMany(organisationIds: readonly string[]): Promise<SettingValues[]> {
      const rows = await store.organisationSettings.selectMany(organisationIds);
      return organisationIds.map((id) => shown(rows.find(({ organisationId }) => organisationId === id)));
    },

    /** What is absent stays; null is the platform's default again. @throws INVALID, FORBIDDEN */
    async update(viewer: Viewer, input: Changes<typeof settingsCatalogue>): Promise<SettingValues> {
      const change = checkedChange(settingsCatalogue, input, ['input']);
      refuseLonger(change, sessionDays);
      const { organisationId } = viewer;
      const entry = actOn(viewer, act, organisationId);
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, permission);
        const before = shown(await tx.organisationSettings.lock(organisationId));
        const [row] = await tx.organisationSettings.update(organisationId, { settings: change });
        const after = shown(row);
        await recordAct(tx, { ...entry, changes: changesOf(before, after) });
        return after;
      });
    },
  };
}

type Row = Pick<OrganisationSettingsRow, 'settings'>;

/** An organisation's settings as they are now: for the rules that obey them. */
export async function settingsNow(
  store: Pick<Store, 'organisationSettings'>,
  organisationId: string,
): Promise<SettingValues> {
  const [row] = await store.organisationSettings.selectMany([organisationId]);
  return settingsIn(row);
}

function settingsIn(row: Row | undefined): SettingValues {
  return { ...standards(settingsCatalogue), ...readable(settingsCatalogue, row?.settings ?? {}) };
}

function withinPlatform(settings: SettingValues, sessionDays: number): SettingValues {
  return { ...settings, sessionDays: Math.min(settings.sessionDays, sessionDays) };
}

/** @throws INVALID */
function refuseLonger({ set }: ValuesChange, sessionDays: number): void {
  if (Number(set['sessionDays'] ?? 0) <= sessionDays) return;
  throw invalid(['input', 'sessionDays'], `Sessions last ${sessionDays} days at most on this platform.`);
}

/** Of two states with the same names: what differs. */
export function changesOf(before: object, after: object): NonNullable<AuditEntry['changes']> {
  const old = new Map(Object.entries(before) as [string, unknown][]);
  const changed = (Object.entries(after) as [string, unknown][]).filter(
    ([name, value]) => JSON.stringify(old.get(name)) !== JSON.stringify(value),
  );
  return Object.fromEntries(changed.map(([name, value]) => [name, [old.get(name), value] as const]));
}
