import type { Page } from '@lyceum/graphql';
import type { CustomRole } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { CustomRole };

/** The roles that organisations made for themselves. */
export function roleStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.customRole.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    selectOptional: (organisationId: string, id: string) =>
      db.customRole.findFirst({ where: { organisationId, id } }),

    /** One page of an organisation's roles, in the order in which they were made. */
    selectPage: (organisationId: string, page: Page) =>
      db.customRole.findMany({
        where: { organisationId, id: placeOf(page) },
        orderBy: { id: page.backward ? 'desc' : 'asc' },
        take: page.limit,
      }),

    count: (organisationId: string) => db.customRole.count({ where: { organisationId } }),

    /** Fails on the unique index where another role has the name. */
    insert: (role: { id: string; organisationId: string; name: string; permissions: readonly string[] }) =>
      db.customRole.create({ data: { ...role, permissions: [...role.permissions] } }),

    /** The same. */
    update: (
      organisationId: string,
      id: string,
      { name, permissions }: { name: string; permissions: readonly string[] },
    ) =>
      db.customRole.update({ where: { id, organisationId }, data: { name, permissions: [...permissions] } }),

    delete: (organisationId: string, id: string) => db.customRole.delete({ where: { id, organisationId } }),
  };
}
