import { idPrefix } from '../ids.ts';
import {
  entryOf,
  isPermission,
  isRole,
  permissionsOfRole,
  SCOPES,
  type PermissionName,
  type PermissionScope,
} from './catalogue.ts';

/** What somebody may do. */
export interface Held {
  /** In the whole organisation. */
  readonly permissions: ReadonlySet<PermissionName>;
  /** Beside that, for single objects: by the id of a course or a group. */
  readonly grants: ReadonlyMap<string, ReadonlySet<PermissionName>>;
}

/** Names of permissions or of built-in roles, and the objects for which they hold. */
export interface Grant {
  readonly may: readonly string[];
  readonly on: readonly string[];
}

/** As an access token and identity's tables say it, before roles are expanded. */
export interface HeldNames {
  readonly roles: readonly string[];
  /** What custom roles add in the whole organisation. */
  readonly permissions?: readonly string[];
  readonly grants?: readonly Grant[];
  /** `permissions` alone counts: neither roles nor grants are expanded. */
  readonly permissionsOnly?: boolean;
}

/**
 * Expands roles to what they may do. Names that are unknown here give nothing: a newer identity may know more of them. So
 * does a permission for an object of a kind for which it can't be granted.
 */
export function heldPermissions({ roles, permissions = [], grants = [], permissionsOnly }: HeldNames): Held {
  if (permissionsOnly) return { permissions: expanded(permissions.filter(isPermission)), grants: new Map() };
  const byObject = new Map<string, Set<PermissionName>>();
  for (const { may, on } of grants) {
    const names = expanded(may);
    for (const id of on) {
      const held = byObject.get(id) ?? new Set();
      for (const name of scopable(names, id)) held.add(name);
      byObject.set(id, held);
    }
  }
  return {
    permissions: expanded([...roles.filter(isRole), ...permissions.filter(isPermission)]),
    grants: byObject,
  };
}

/** The permissions that the names of roles and permissions stand for. */
export function expanded(names: readonly string[]): ReadonlySet<PermissionName> {
  const all = new Set<PermissionName>();
  for (const name of names) {
    if (isRole(name)) for (const each of permissionsOfRole(name)) all.add(each);
    else if (isPermission(name)) all.add(name);
  }
  return all;
}

/** Those of `names` that can hold for the object with this id alone. */
export function scopable(names: Iterable<PermissionName>, id: string): PermissionName[] {
  const scope = scopeOf(id);
  return scope ? [...names].filter((name) => entryOf(name).scopes?.includes(scope)) : [];
}

/** What kind of object an id names, of those for which permissions can be granted. */
export function scopeOf(id: string): PermissionScope | undefined {
  const prefix = idPrefix(id);
  return SCOPES.find((scope) => scope === prefix);
}
