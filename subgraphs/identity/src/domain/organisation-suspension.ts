import { conflict, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Organisation } from '../store/organisations.ts';
import type { Database } from '../store/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import { changeOrganisation, recordInBoth } from './organisation-change.ts';

export type OrganisationSuspension = ReturnType<typeof createOrganisationSuspension>;

/** Closing an organisation to all its people at once, and opening it again (docs/decisions/0018). */
export function createOrganisationSuspension(options: {
  store: Database;
  events: IdentityEvents;
  accessTokens: AccessTokens;
}) {
  const { store, events, accessTokens } = options;
  return {
    /** Once more changes nothing. @throws NOT_FOUND; CONFLICT of the platform's own */
    suspend: (viewer: Viewer, id: string): Promise<Organisation> =>
      changeOrganisation(
        store,
        viewer,
        { id, permission: 'organisation.suspend' },
        async (tx, before, entry) => {
          if (before.platform) throw platformStays();
          if (before.suspendedAt) return before;
          const organisation = await tx.organisations.updateSuspended(id, true);
          await events.organisationSuspended(tx, organisation, accessTokens.allOver());
          await recordInBoth(
            tx,
            { ...entry, changes: { suspendedAt: [null, organisation.suspendedAt] } },
            id,
          );
          return organisation;
        },
      ),

    /** Once more changes nothing. @throws NOT_FOUND */
    reinstate: (viewer: Viewer, id: string): Promise<Organisation> =>
      changeOrganisation(
        store,
        viewer,
        { id, permission: 'organisation.reinstate' },
        async (tx, before, entry) => {
          if (!before.suspendedAt) return before;
          const organisation = await tx.organisations.updateSuspended(id, false);
          await events.organisationReinstated(tx, organisation, accessTokens.allOver());
          await recordInBoth(tx, { ...entry, changes: { suspendedAt: [before.suspendedAt, null] } }, id);
          return organisation;
        },
      ),
  };
}

const platformStays = () =>
  conflict('The platform organisation is not suspended: nobody could reinstate it.', ['input', 'id']);
