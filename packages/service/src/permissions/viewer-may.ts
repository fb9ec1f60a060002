import { forbidden } from '../domain-error.ts';
import type { PermissionName, PermissionScope } from './catalogue.ts';
import { scopeOf, type Held } from './held.ts';

/** The objects that an act is about, by their ids: `{ course: 'course_01k9…', user: 'user_01k9…' }`; to any of them is enough. */
export type PermissionObject = Readonly<Partial<Record<PermissionScope, string | readonly string[]>>>;

/** May they do it in the whole organisation, or where an object is named, to that one? */
export function viewerMay(
  { permissions, grants }: Held,
  name: PermissionName,
  on?: PermissionObject,
): boolean {
  if (permissions.has(name)) return true;
  if (on === undefined || grants.size === 0) return false;
  return Object.values(on)
    .flat()
    .some((id) => grants.get(id)?.has(name) ?? false);
}

/** May they do it to anything at all? Which object it is, the domain asks then. */
export function viewerMaySomewhere({ permissions, grants }: Held, name: PermissionName): boolean {
  if (permissions.has(name)) return true;
  return grants.size > 0 && [...grants.values()].some((held) => held.has(name));
}

/** @throws DomainError FORBIDDEN, with the permission that is missing. */
export function requirePermission(viewer: Held, name: PermissionName, on?: PermissionObject): void {
  if (!viewerMay(viewer, name, on)) throw forbidden(name);
}

/** The ids of the objects of a kind to which they may do it; undefined: to all of the organisation. */
export function objectsWhereViewerMay(
  { permissions, grants }: Held,
  name: PermissionName,
  scope: PermissionScope,
): readonly string[] | undefined {
  if (permissions.has(name)) return undefined;
  return [...grants].flatMap(([id, held]) => (held.has(name) && scopeOf(id) === scope ? [id] : []));
}
