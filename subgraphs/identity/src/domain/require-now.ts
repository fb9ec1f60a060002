import {
  forbidden,
  requirePermission,
  viewerMay,
  type PermissionName,
  type PermissionObject,
  type Viewer,
} from '@lyceum/service';
import type { Store } from '../store/store.ts';
import { heldNow } from './machine-rights.ts';

/** What somebody may do in the whole organisation at this moment. */
export type HeldNow = ReadonlySet<PermissionName>;

/**
 * An access token says what its bearer might do when it was given. Who was an administrator then, and was taken out of
 * the organisation or down a step since, may not make another of themselves with it: what administers people, roles and
 * keys is looked up as it is now. A token that says less than its bearer may do still counts.
 *
 * @param on the object that it is about, where the permission can be granted for one
 * @returns all that the viewer may do now in the whole organisation, and with this token
 * @throws FORBIDDEN
 */
export async function requireNow(
  store: Store,
  viewer: Viewer,
  permission: PermissionName,
  on?: PermissionObject,
): Promise<HeldNow> {
  requirePermission(viewer, permission, on);
  const now = await heldNow(store, viewer);
  if (!viewerMay(now, permission, on)) throw forbidden(permission);
  const { permissions } = now;
  return new Set([...permissions].filter((name) => viewer.permissions.has(name)));
}

/**
 * Nobody gives, changes or takes away what they don't hold themselves: else whoever may grant one role could make
 * themselves everything (https://kubernetes.io/docs/reference/access-authn-authz/rbac/, privilege escalation prevention).
 *
 * @throws FORBIDDEN with the first permission that is missing
 */
export function requireAll(held: HeldNow, names: Iterable<PermissionName>): void {
  for (const name of names) if (!held.has(name)) throw forbidden(name);
}
