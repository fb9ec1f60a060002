import type { CustomRole, RoleGrant } from './generated/client.ts';
import type { Connection } from './store.ts';

/** With the custom role, where it is of one. */
export interface Grant extends RoleGrant {
  readonly customRole: CustomRole | null;
}

/** What of a grant says what its holder may do. */
export interface HeldGrant extends Pick<RoleGrant, 'role' | 'objectId'> {
  readonly customRole: Pick<CustomRole, 'permissions'> | null;
}

export function grantStore(db: Connection) {
  /** Looked up in the organisation, as everything is. */
  async function withRoles(organisationId: string, rows: readonly RoleGrant[]): Promise<Grant[]> {
    const ids = [...new Set(rows.map(({ roleId }) => roleId).filter((id) => id !== null))];
    const roles =
      ids.length === 0 ? [] : await db.customRole.findMany({ where: { organisationId, id: { in: ids } } });
    return rows.map((row) => ({ ...row, customRole: roles.find(({ id }) => id === row.roleId) ?? null }));
  }

  return {
    /** What these people were granted, in the order in which they were. */
    selectManyOf: async (organisationId: string, userIds: readonly string[]): Promise<Grant[]> => {
      const where = { organisationId, userId: { in: [...userIds] } };
      return withRoles(organisationId, await db.roleGrant.findMany({ where, orderBy: { id: 'asc' } }));
    },

    /** What a person was granted, for a token. As SQL: each login asks, and Prisma would take as long again for it. */
    selectManyHeld: async (organisationId: string, userId: string): Promise<HeldGrant[]> => {
      const rows = await db.$queryRaw<(Omit<HeldGrant, 'customRole'> & { permissions: string[] | null })[]>`
        SELECT role_grant.role, role_grant.object_id AS "objectId", role.permissions
        FROM role_grant
        LEFT JOIN role ON role.organisation_id = role_grant.organisation_id AND role.id = role_grant.role_id
        WHERE role_grant.organisation_id = ${organisationId} AND role_grant.user_id = ${userId}
        ORDER BY role_grant.id`;
      return rows.map(({ permissions, ...row }) => ({ ...row, customRole: permissions && { permissions } }));
    },

    /** What was granted for these objects alone, in the order in which it was. */
    selectManyOn: async (organisationId: string, objectIds: readonly string[]): Promise<Grant[]> => {
      const where = { organisationId, objectId: { in: [...objectIds] } };
      return withRoles(organisationId, await db.roleGrant.findMany({ where, orderBy: { id: 'asc' } }));
    },

    selectOptional: async (organisationId: string, id: string): Promise<Grant | undefined> => {
      const [grant] = await withRoles(
        organisationId,
        await db.roleGrant.findMany({ where: { organisationId, id } }),
      );
      return grant;
    },

    countOfRole: (organisationId: string, roleId: string) =>
      db.roleGrant.count({ where: { organisationId, roleId } }),

    insert: async (grant: {
      id: string;
      organisationId: string;
      userId: string;
      role: string;
      roleId: string | null;
      objectId: string;
    }): Promise<Grant> => {
      const inserted = await db.roleGrant.create({ data: grant });
      const [withRole] = await withRoles(grant.organisationId, [inserted]);
      return withRole ?? { ...inserted, customRole: null };
    },

    delete: (organisationId: string, id: string) => db.roleGrant.delete({ where: { id, organisationId } }),
  };
}
