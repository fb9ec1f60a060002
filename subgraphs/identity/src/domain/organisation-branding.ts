import type { Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Organisation, OrganisationSettings } from '../store/organisations.ts';
import type { Database } from '../store/store.ts';
import { actOn, differences, recordAct } from './audit.ts';
import { checkedSettings, type SettingsChange } from './branding.ts';
import { requireNow } from './require-now.ts';

const settingsFields = [
  'name',
  'logoUrl',
  'faviconUrl',
  'primaryColour',
  'accentColour',
  'supportEmail',
  'defaultLocale',
  'defaultTimeZone',
] as const;

export type OrganisationBranding = ReturnType<typeof createOrganisationBranding>;

/** What an organisation says of itself: its name, its looks, its defaults. */
export function createOrganisationBranding({ store, events }: { store: Database; events: IdentityEvents }) {
  return {
    /** @throws INVALID, FORBIDDEN */
    async update(viewer: Viewer, input: SettingsChange): Promise<Organisation> {
      const change = checkedSettings(input);
      const { organisationId: id } = viewer;
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'organisation.update');
        await tx.memberships.lockOrganisation(id);
        const [before] = await tx.organisations.selectMany([id]);
        const after = await tx.organisations.updateSettings(id, change);
        const changes = before ? differences<OrganisationSettings>(before, after, settingsFields) : {};
        await events.organisationUpdated(tx, after);
        await recordAct(tx, actOn(viewer, 'organisation.update', id, changes));
        return after;
      });
    },
  };
}
