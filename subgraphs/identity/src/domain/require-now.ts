import { forbidden, requirePermission, type Held, type PermissionName, type Viewer } from '@lyceum/service';
import type { Store } from '../store/store.ts';
import { heldNow } from './machine-rights.ts';

/**
 * An access token says what its bearer might do when it was given. Who was an administrator then, and was taken out of
 * the organisation or down a step since, may not make another of themselves with it: what administers people, roles and
 * keys is looked up as it is now. A token that says less than its bearer may do still counts.
 *
 * @throws FORBIDDEN
 */
export async function requireNow(store: Store, viewer: Viewer, permission: PermissionName): Promise<Held> {
  requirePermission(viewer, permission);
  const now = await heldNow(store, viewer);
  if (!now.permissions.has(permission)) throw forbidden(permission);
  const permissions = new Set([...now.permissions].filter((name) => viewer.permissions.has(name)));
  return { permissions, grants: new Map() };
}
