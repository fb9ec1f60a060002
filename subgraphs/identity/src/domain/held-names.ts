import { entryOf, expanded, OBSERVER_PERMISSIONS, scopeOf, type HeldNames } from '@lyceum/service';
import type { HeldGrant } from '../store/grants.ts';
import type { Store } from '../store/store.ts';
import { permittedIn } from './platform-rights.ts';

/** What a person may do in an organisation, as its tables say it now. */
export async function heldNames(
  tx: Store,
  { organisationId, userId }: { organisationId: string; userId: string },
  ofMembership: readonly string[],
): Promise<HeldNames> {
  if (ofMembership.length === 0) return { roles: ofMembership };
  const grants = await tx.grants.selectManyHeld(organisationId, userId);
  const ofGrants = grants.filter(({ objectId }) => objectId === '').flatMap(namesOf);
  const single = grants.filter(({ objectId }) => objectId !== '');
  const roles = await permittedIn(tx, organisationId, ofMembership);
  const whole = await permittedIn(tx, organisationId, ofGrants);
  return {
    roles,
    ...(whole.length === 0 ? {} : { permissions: [...expanded(whole)] }),
    ...(single.length === 0 ? {} : { grants: [...groupedByRole(single)] }),
  };
}

/** Is it for a person alone: an observation? */
export const isObservation = ({ objectId }: Pick<HeldGrant, 'objectId'>): boolean =>
  scopeOf(objectId) === 'user';

/** The names that a grant gives: that of the built-in role, or the permissions of the custom one. */
export function namesOf(grant: HeldGrant): readonly string[] {
  // The built-in role of this name holds no more in the organisation than a learner; for a person it is this.
  if (isObservation(grant)) return OBSERVER_PERMISSIONS;
  return grant.customRole ? grant.customRole.permissions : [grant.role];
}

/** A role is named once for all of its objects, and with no more than can hold for one: a token travels with each request. */
function groupedByRole(grants: readonly HeldGrant[]) {
  const byRole = new Map<string, { may: string[]; on: string[] }>();
  for (const grant of grants) {
    const key = isObservation(grant) ? 'observations' : grant.role;
    const known = byRole.get(key) ?? { may: forSingleObjects(grant), on: [] };
    known.on.push(grant.objectId);
    byRole.set(key, known);
  }
  return byRole.values();
}

function forSingleObjects(grant: HeldGrant): string[] {
  if (!grant.customRole && !isObservation(grant)) return [grant.role];
  return [...expanded(namesOf(grant))].filter((name) => entryOf(name).scopes !== undefined);
}
