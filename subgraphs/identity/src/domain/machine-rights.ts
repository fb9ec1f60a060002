import {
  expanded,
  forbidden,
  heldPermissions,
  idPrefix,
  invalid,
  isMachine,
  isPermission,
  isRole,
  type Held,
  type HeldNames,
  type PermissionName,
  type Viewer,
} from '@lyceum/service';
import type { Store } from '../store/store.ts';
import { heldNames } from './held-names.ts';
import { permittedIn } from './platform-rights.ts';
import type { HeldNow } from './require-now.ts';

/** A person, or an API client; who acts with a personal access token is known by the `sessionId`. */
type Bearer = Pick<Viewer, 'organisationId' | 'userId' | 'sessionId'>;

/**
 * What the viewer may do at this moment, whatever their access token says: of a person what their roles say, of a
 * personal access token no more than it was given of that, of an API client what it was given.
 */
export async function heldNow(store: Store, viewer: Bearer): Promise<Held> {
  const { organisationId, userId, sessionId } = viewer;
  const now = new Date();
  if (isMachine(viewer)) {
    const client = await store.apiClients.selectOptionalActive(organisationId, userId, now);
    return alone(await permittedIn(store, organisationId, client?.permissions ?? []));
  }
  const membership = await store.memberships.selectOptionalOpen(organisationId, userId);
  const own = heldPermissions(await heldNames(store, viewer, membership?.roles ?? []));
  if (idPrefix(sessionId) !== 'pat') return own;
  const token = await store.personalAccessTokens.selectOptionalActive(organisationId, sessionId, now);
  return alone(ofOwn(own.permissions, token?.permissions ?? []));
}

const alone = (permissions: readonly string[]) =>
  heldPermissions({ roles: [], permissions, permissionsOnly: true });

/**
 * What a person gives to a program: something, and nothing that they lack. A role stands for what it may do today; the
 * program gets no more where a later version lets the role do more.
 *
 * @throws INVALID, FORBIDDEN
 */
export function checkedRights(
  field: readonly string[],
  wanted: readonly string[],
  own: HeldNow,
): PermissionName[] {
  const unknown = wanted.find((name) => !isPermission(name) && !isRole(name));
  if (unknown !== undefined) throw invalid(field, 'Give names of permissions or of roles.');
  const rights = [...expanded(wanted)];
  if (rights.length === 0) throw invalid(field, 'Give at least one permission.');
  const lacking = rights.find((right) => !own.has(right));
  if (lacking !== undefined) throw forbidden(lacking);
  return rights;
}

/** Those of a program's permissions that its owner has too. */
export function ofOwn(own: HeldNow, permissions: readonly string[]): PermissionName[] {
  return permissions.filter(isPermission).filter((name) => own.has(name));
}

/** As an access token says it: a list, beside which nothing counts. */
export const heldByProgram = (permissions: readonly string[]): HeldNames => ({
  roles: [],
  permissions,
  permissionsOnly: true,
});
