import type { ConnectionSource } from '@lyceum/graphql';
import { isUniqueViolation } from '@lyceum/postgres';
import { invalid, isPermission, newId, notFound, type PermissionName, type Viewer } from '@lyceum/service';
import type { CustomRole } from '../store/roles.ts';
import type { Database, Store } from '../store/store.ts';
import { actOn, recordAct, type AuditEntry } from './audit.ts';
import { checkedName } from './checked-text.ts';
import { roleGranted, roleNameTaken } from './errors.ts';
import { requireAll, requireNow } from './require-now.ts';

export interface NewRole {
  readonly name: string;
  readonly permissions: readonly string[];
}

export type Roles = ReturnType<typeof createRoles>;

/** The roles that an organisation makes for itself. Whoever manages one holds all that it does. */
export function createRoles({ store }: { store: Database }) {
  /** Runs one change at a time of what anybody in the organisation may do. */
  function change<T>(viewer: Viewer, work: (tx: Store) => Promise<T>): Promise<T> {
    return store.transaction(async (tx) => {
      await tx.memberships.lockOrganisation(viewer.organisationId);
      return work(tx);
    });
  }

  return {
    listed: ({ organisationId }: Viewer): ConnectionSource<CustomRole> => ({
      rows: (page) => store.roles.selectPage(organisationId, page),
      key: ({ id }) => [id],
      count: () => store.roles.count(organisationId),
    }),

    /** @throws INVALID, FORBIDDEN (a permission that the viewer lacks), CONFLICT (the name) */
    async create(viewer: Viewer, input: NewRole): Promise<CustomRole> {
      const role = checkedRole(input);
      const { organisationId } = viewer;
      const id = newId('role');
      const entry = actOn(viewer, 'role.create', id);
      return change(viewer, async (tx) => {
        requireAll(await requireNow(tx, viewer, 'role.create'), role.permissions);
        const made = await named(() => tx.roles.insert({ id, organisationId, ...role }));
        await recordAct(tx, { ...entry, changes: changesOf({ name: null, permissions: [] }, role) });
        return made;
      });
    },

    /** Takes effect with the next access token of those who hold it. @throws as `create`, and NOT_FOUND */
    async update(viewer: Viewer, { id, ...input }: NewRole & { id: string }): Promise<CustomRole> {
      const role = checkedRole(input);
      const entry = actOn(viewer, 'role.update', id);
      return change(viewer, async (tx) => {
        const held = await requireNow(tx, viewer, 'role.update');
        const before = await knownRole(tx, viewer, id, ['input', 'id']);
        requireAll(held, [...before.permissions.filter(isPermission), ...role.permissions]);
        const updated = await named(() => tx.roles.update(viewer.organisationId, id, role));
        await recordAct(tx, { ...entry, changes: changesOf(before, role) });
        return updated;
      });
    },

    /** @throws NOT_FOUND, FORBIDDEN, CONFLICT (somebody holds it) */
    async delete(viewer: Viewer, id: string): Promise<string> {
      const entry = actOn(viewer, 'role.delete', id);
      return change(viewer, async (tx) => {
        const held = await requireNow(tx, viewer, 'role.delete');
        const before = await knownRole(tx, viewer, id, ['input', 'id']);
        requireAll(held, before.permissions.filter(isPermission));
        if ((await tx.grants.countOfRole(viewer.organisationId, id)) > 0) throw roleGranted();
        await tx.roles.delete(viewer.organisationId, id);
        await recordAct(tx, { ...entry, changes: changesOf(before, { name: null, permissions: [] }) });
        return id;
      });
    },
  };
}

/** @throws NOT_FOUND */
export async function knownRole(
  tx: Store,
  { organisationId }: Viewer,
  id: string,
  field: readonly string[],
): Promise<CustomRole> {
  const role = await tx.roles.selectOptional(organisationId, id);
  if (!role) throw notFound('role', id, field);
  return role;
}

/** @throws INVALID */
function checkedRole({ name, permissions }: NewRole): { name: string; permissions: PermissionName[] } {
  const field = ['input', 'permissions'];
  const unknown = permissions.find((each) => !isPermission(each));
  if (unknown !== undefined) throw invalid(field, `There is no permission ${unknown.slice(0, 100)}.`);
  if (permissions.length === 0) throw invalid(field, 'Give at least one permission.');
  return {
    name: checkedName(['input', 'name'], name),
    permissions: [...new Set(permissions.filter(isPermission))],
  };
}

/** @throws CONFLICT where another role of the organisation has the name */
async function named<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw isUniqueViolation(error, 'name') ? roleNameTaken() : error;
  }
}

interface Told {
  readonly name: string | null;
  readonly permissions: readonly string[];
}

function changesOf(before: Told, after: Told): NonNullable<AuditEntry['changes']> {
  return { name: [before.name, after.name], permissions: [before.permissions, after.permissions] };
}
