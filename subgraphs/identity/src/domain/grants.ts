import { isUniqueViolation } from '@lyceum/postgres';
import {
  conflict,
  expanded,
  invalid,
  newId,
  notFound,
  requirePermission,
  scopable,
  scopeOf,
  type Role,
  type Viewer,
} from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { Grant } from '../store/grants.ts';
import type { Database, Store } from '../store/store.ts';
import { actOn, recordAct } from './audit.ts';
import { namesOf } from './held-names.ts';
import { requireAll, requireNow } from './require-now.ts';
import { knownRole } from './roles.ts';

export interface NewGrant {
  readonly userId: string;
  /** A built-in role, or the id of a custom one. */
  readonly role?: Role | null | undefined;
  readonly roleId?: string | null | undefined;
  readonly courseId?: string | null | undefined;
}

/** They travel in each access token: so many a person holds, of so many custom roles. */
export const mostGrants = 100;
export const mostCustomRoles = 10;

export type Grants = ReturnType<typeof createGrants>;

/** Roles that people hold beside those of their membership, in the whole organisation or for one course. */
export function createGrants({ store, events }: { store: Database; events: IdentityEvents }) {
  return {
    /** What people were granted, for themselves and for those who see roles. @throws FORBIDDEN */
    async ofUsers(viewer: Viewer, userIds: readonly string[]): Promise<Grant[]> {
      if (userIds.some((id) => id !== viewer.userId)) requirePermission(viewer, 'role.read');
      return store.grants.selectManyOf(viewer.organisationId, userIds);
    },

    /** Takes effect with the person's next access token. @throws INVALID, NOT_FOUND, FORBIDDEN, CONFLICT */
    async grant(viewer: Viewer, input: NewGrant): Promise<Grant> {
      const objectId = checkedObject(input);
      const { organisationId } = viewer;
      const entry = actOn(viewer, 'role.grant', input.userId);
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        const held = await requireNow(tx, viewer, 'role.grant');
        await requireMember(tx, organisationId, input.userId);
        const { name: role, roleId, names } = await grantedRole(tx, viewer, input);
        refuseVain(names, objectId);
        requireAll(held, expanded(names));
        await refuseTooMany(tx, organisationId, input.userId, roleId);
        const row = { id: newId('grant'), organisationId, userId: input.userId, role, roleId, objectId };
        const grant = await once(() => tx.grants.insert(row));
        await events.roleGranted(tx, grant);
        await recordAct(tx, { ...entry, changes: { grant: [null, told(grant)] } });
        return grant;
      });
    },

    /** @throws NOT_FOUND, FORBIDDEN */
    async revoke(viewer: Viewer, id: string): Promise<string> {
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        await tx.memberships.lockOrganisation(organisationId);
        const held = await requireNow(tx, viewer, 'role.revoke');
        const grant = await tx.grants.selectOptional(organisationId, id);
        if (!grant) throw notFound('grant', id, ['input', 'grantId']);
        requireAll(held, expanded(namesOf(grant)));
        await revokeGrants(tx, events, [grant]);
        const entry = actOn(viewer, 'role.revoke', grant.userId);
        await recordAct(tx, { ...entry, changes: { grant: [told(grant), null] } });
        return id;
      });
    },
  };
}

/** Ends grants within a transaction, and tells of it. */
export async function revokeGrants(
  tx: Store,
  events: IdentityEvents,
  grants: readonly Grant[],
): Promise<void> {
  for (const grant of grants) {
    await tx.grants.delete(grant.organisationId, grant.id);
    await events.roleRevoked(tx, grant);
  }
}

/** Whether there is such a course, only the catalog knows; a grant for none gives nothing. @throws INVALID */
function checkedObject({ courseId }: NewGrant): string {
  if (courseId == null) return '';
  if (scopeOf(courseId) !== 'course') throw invalid(['input', 'courseId'], 'It is not the id of a course.');
  return courseId;
}

interface GrantedRole {
  readonly name: string;
  readonly roleId: string | null;
  /** What it stands for: a built-in role, or permissions. */
  readonly names: readonly string[];
}

/** @throws INVALID, NOT_FOUND */
async function grantedRole(
  tx: Store,
  viewer: Viewer,
  { role, roleId, courseId }: NewGrant,
): Promise<GrantedRole> {
  if ((role == null) === (roleId == null)) throw invalid(['input', 'role'], 'Give a role or a roleId.');
  if (roleId != null) {
    const { id, permissions } = await knownRole(tx, viewer, roleId, ['input', 'roleId']);
    return { name: id, roleId: id, names: permissions };
  }
  if (role == null || courseId == null) {
    throw invalid(
      ['input', 'role'],
      'Built-in roles of the whole organisation are given by membershipUpdate.',
    );
  }
  return { name: role, roleId: null, names: [role] };
}

/** @throws INVALID for a grant of nothing: none of what the role holds can be granted for such an object alone. */
function refuseVain(names: readonly string[], objectId: string): void {
  if (objectId === '' || scopable(expanded(names), objectId).length > 0) return;
  throw invalid(['input', 'courseId'], 'The role holds no permission that can be granted for a course.');
}

/** @throws NOT_FOUND, also for who was removed from the organisation */
async function requireMember(tx: Store, organisationId: string, userId: string): Promise<void> {
  const membership = await tx.memberships.selectOptional(organisationId, userId);
  if (!membership || membership.roles.length === 0) throw notFound('user', userId, ['input', 'userId']);
}

/** The organisation must be locked. @throws INVALID */
async function refuseTooMany(
  tx: Store,
  organisationId: string,
  userId: string,
  roleId: string | null,
): Promise<void> {
  const before = await tx.grants.selectManyOf(organisationId, [userId]);
  const custom = new Set([...before.map((grant) => grant.roleId), roleId].filter((id) => id !== null));
  if (before.length < mostGrants && custom.size <= mostCustomRoles) return;
  throw invalid(
    ['input', 'userId'],
    `A person holds ${mostGrants} grants at most, and ${mostCustomRoles} of the organisation's own roles.`,
  );
}

/** @throws CONFLICT where the person holds the very same already */
async function once<T>(insert: () => Promise<T>): Promise<T> {
  try {
    return await insert();
  } catch (error) {
    throw isUniqueViolation(error, 'object_id') ? conflict('The person holds this role already.') : error;
  }
}

function told({ id, role, objectId }: Grant) {
  return { id, role, ...(objectId === '' ? {} : { for: objectId }) };
}
