import type { Page } from '@lyceum/graphql';
import type { OrganisationDomain } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { OrganisationDomain };

export function organisationDomainStore(db: Connection) {
  return {
    selectOptional: (organisationId: string, id: string) =>
      db.organisationDomain.findFirst({ where: { organisationId, id } }),

    selectOptionalByName: (organisationId: string, domain: string) =>
      db.organisationDomain.findFirst({ where: { organisationId, domain } }),

    /** Those of the domains that another organisation has verified. */
    selectManyElsewhere: (organisationId: string, domains: readonly string[]) =>
      db.organisationDomain.findMany({
        where: {
          organisationId: { not: organisationId },
          domain: { in: [...domains] },
          verifiedAt: { not: null },
        },
      }),

    /** One page of an organisation's claims, in the order in which they were made. */
    selectPage: (organisationId: string, page: Page) =>
      db.organisationDomain.findMany({
        where: { organisationId, id: placeOf(page) },
        orderBy: { id: page.backward ? 'desc' : 'asc' },
        take: page.limit,
      }),

    count: (organisationId: string) => db.organisationDomain.count({ where: { organisationId } }),

    insert: (claim: { id: string; organisationId: string; domain: string; token: string }) =>
      db.organisationDomain.create({ data: claim }),

    /** Fails on the unique index where another organisation has verified it. */
    updateVerified: (organisationId: string, id: string, verifiedAt: Date) =>
      db.organisationDomain.update({ where: { organisationId, id }, data: { verifiedAt } }),

    delete: async (organisationId: string, id: string) =>
      (await db.organisationDomain.deleteMany({ where: { organisationId, id } })).count,
  };
}
