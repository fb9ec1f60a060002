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
import { withRefusalsAudited } from './audited-refusals.ts';
import { isObservation, namesOf } from './held-names.ts';
import { requireAll, requireNow } from './require-now.ts';
import { knownRole } from './roles.ts';

export interface NewGrant {
  readonly userId: string;
  /** A built-in role, or the id of a custom one. */
  readonly role?: Role | null | undefined;
  readonly roleId?: string | null | undefined;
  readonly courseId?: string | null | undefined;
  readonly groupId?: string | null | undefined;
}

/** They travel in each access token: so many a person holds, of so many custom roles. */
export const mostGrants = 100;
export const mostCustomRoles = 10;

export type Grants = ReturnType<typeof createGrants>;

/** Roles that people hold beside those of their membership, in the whole organisation, or for one course or group. */
export function createGrants({ store, events }: { store: Database; events: IdentityEvents }) {
  return {
    /** What people were granted, for themselves and for those who see roles. @throws FORBIDDEN */
    async ofUsers(viewer: Viewer, userIds: readonly string[]): Promise<Grant[]> {
      if (userIds.some((id) => id !== viewer.userId)) requirePermission(viewer, 'role.read');
      const all = await store.grants.selectManyOf(viewer.organisationId, userIds);
      return all.filter((grant) => !isObservation(grant));
    },

    /** Takes effect with the person's next access token. @throws INVALID, NOT_FOUND, FORBIDDEN, CONFLICT */
    async grant(viewer: Viewer, input: NewGrant): Promise<Grant> {
      const objectId = checkedObject(input);
      const { organisationId } = viewer;
      const entry = actOn(viewer, 'role.grant', input.userId);
      return withRefusalsAudited(store, entry, () =>
        store.transaction(async (tx) => {
          await tx.memberships.lockOrganisation(organisationId);
          const held = await requireNow(tx, viewer, 'role.grant');
          await requireMember(tx, organisationId, input.userId, ['input', 'userId']);
          await requireGroup(tx, organisationId, input.groupId);
          const { name: role, roleId, names } = await grantedRole(tx, viewer, input);
          refuseVain(names, objectId);
          requireAll(held, expanded(names));
          await refuseTooMany(tx, organisationId, input.userId, roleId, ['input', 'userId']);
          const row = { id: newId('grant'), organisationId, userId: input.userId, role, roleId, objectId };
          const grant = await once(() => tx.grants.insert(row), 'The person holds this role already.');
          await events.roleGranted(tx, grant);
          await recordAct(tx, { ...entry, changes: { grant: [null, told(grant)] } });
          return grant;
        }),
      );
    },

    /** @throws NOT_FOUND, FORBIDDEN */
    async revoke(viewer: Viewer, id: string): Promise<string> {
      const { organisationId } = viewer;
      return withRefusalsAudited(store, actOn(viewer, 'role.revoke', id), () =>
        store.transaction(async (tx) => {
          await tx.memberships.lockOrganisation(organisationId);
          const held = await requireNow(tx, viewer, 'role.revoke');
          const grant = await tx.grants.selectOptional(organisationId, id);
          if (!grant || isObservation(grant)) throw notFound('grant', id, ['input', 'grantId']);
          requireAll(held, expanded(namesOf(grant)));
          await revokeGrants(tx, events, [grant]);
          const entry = actOn(viewer, 'role.revoke', grant.userId);
          await recordAct(tx, { ...entry, changes: { grant: [told(grant), null] } });
          return id;
        }),
      );
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
    await (isObservation(grant) ? events.observationRemoved(tx, grant) : events.roleRevoked(tx, grant));
  }
}

/** Whether there is such a course, only the catalog knows; a grant for none gives nothing. @throws INVALID */
function checkedObject({ courseId, groupId }: NewGrant): string {
  if (courseId != null && groupId != null) {
    throw invalid(['input', 'groupId'], 'A grant is for a course or for a group, not for both.');
  }
  if (courseId == null) return groupId ?? '';
  if (scopeOf(courseId) !== 'course') throw invalid(['input', 'courseId'], 'It is not the id of a course.');
  return courseId;
}

/** Holds the group, if it is for one, so that it is not deleted meanwhile. @throws NOT_FOUND */
async function requireGroup(
  tx: Store,
  organisationId: string,
  groupId: string | null | undefined,
): Promise<void> {
  if (groupId == null) return;
  if (!(await tx.groups.lock(organisationId, groupId)))
    throw notFound('group', groupId, ['input', 'groupId']);
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
  { role, roleId, courseId, groupId }: NewGrant,
): Promise<GrantedRole> {
  if ((role == null) === (roleId == null)) throw invalid(['input', 'role'], 'Give a role or a roleId.');
  if (roleId != null) {
    const { id, permissions } = await knownRole(tx, viewer, roleId, ['input', 'roleId']);
    return { name: id, roleId: id, names: permissions };
  }
  if (role == null || (courseId ?? groupId) == null) {
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
  const kind = scopeOf(objectId) ?? 'course';
  throw invalid(['input', `${kind}Id`], `The role holds no permission that can be granted for a ${kind}.`);
}

/** @throws NOT_FOUND, also for who was removed from the organisation */
export async function requireMember(
  tx: Store,
  organisationId: string,
  userId: string,
  field: readonly string[],
): Promise<void> {
  const membership = await tx.memberships.selectOptional(organisationId, userId);
  if (!membership || membership.roles.length === 0) throw notFound('user', userId, field);
}

/** The organisation must be locked. @throws INVALID */
export async function refuseTooMany(
  tx: Store,
  organisationId: string,
  userId: string,
  roleId: string | null,
  field: readonly string[],
): Promise<void> {
  const before = await tx.grants.selectManyOf(organisationId, [userId]);
  const custom = new Set([...before.map((grant) => grant.roleId), roleId].filter((id) => id !== null));
  if (before.length < mostGrants && custom.size <= mostCustomRoles) return;
  throw invalid(
    field,
    `A person holds ${mostGrants} grants at most, and ${mostCustomRoles} of the organisation's own roles.`,
  );
}

/** @throws CONFLICT where the person holds the very same already */
export async function once<T>(insert: () => Promise<T>, otherwise: string): Promise<T> {
  try {
    return await insert();
  } catch (error) {
    throw isUniqueViolation(error, 'object_id') ? conflict(otherwise) : error;
  }
}

function told({ id, role, objectId }: Grant) {
  return { id, role, ...(objectId === '' ? {} : { for: objectId }) };
}
