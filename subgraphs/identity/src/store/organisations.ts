import type { Page } from '@lyceum/graphql';
import { Prisma, type Organisation } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Organisation };

export interface NewOrganisation {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** Absent: whom it takes in is said later. */
  readonly registration?: string;
  readonly platform?: boolean;
}

/** What an organisation says of itself. */
export type OrganisationSettings = Pick<
  Organisation,
  | 'name'
  | 'logoUrl'
  | 'faviconUrl'
  | 'primaryColour'
  | 'accentColour'
  | 'supportEmail'
  | 'defaultLocale'
  | 'defaultTimeZone'
>;

export interface OrganisationSelection {
  /** A part of the name or of the slug, without regard to case and accents; undefined: whichever. */
  readonly search: string | undefined;
  readonly suspended: boolean | undefined;
}

export interface OrganisationOrder {
  readonly field: 'NAME' | 'CREATED_AT';
  readonly direction: 'ASC' | 'DESC';
}

/** With what the order by name compares. */
export type ListedOrganisation = Organisation & { readonly nameKey: string };

export interface PlanLimits {
  readonly people: number | null;
  readonly apiClients: number | null;
  readonly lrsKeys: number | null;
}

export function organisationStore(db: Connection) {
  return {
    selectMany: (ids: readonly string[]) => db.organisation.findMany({ where: { id: { in: [...ids] } } }),

    selectOptionalBySlug: (slug: string) => db.organisation.findUnique({ where: { slug } }),

    /** One page of all there are. */
    selectPage: async (
      selection: OrganisationSelection,
      order: OrganisationOrder,
      page: Page,
    ): Promise<ListedOrganisation[]> => {
      const { column } = keys[order.field];
      const direction = (order.direction === 'DESC') === page.backward ? Prisma.sql`ASC` : Prisma.sql`DESC`;
      const conditions = Prisma.join([...matching(selection), ...placesOf(order, page)], ' AND ');
      const places = await db.$queryRaw<{ id: string; nameKey: string }[]>`
        SELECT id, name_key AS "nameKey" FROM organisation WHERE ${conditions}
        ORDER BY ${column} ${direction}, id ${direction} LIMIT ${page.limit}`;
      const rows = await db.organisation.findMany({ where: { id: { in: places.map(({ id }) => id) } } });
      const byId = new Map(rows.map((row) => [row.id, row]));
      return places.flatMap(({ id, nameKey }) => {
        const row = byId.get(id);
        return row ? [{ ...row, nameKey }] : [];
      });
    },

    count: async (selection: OrganisationSelection): Promise<number> => {
      const [row] = await db.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM organisation WHERE ${Prisma.join(matching(selection), ' AND ')}`;
      return row?.count ?? 0;
    },

    selectOptionalPlatform: () => db.organisation.findFirst({ where: { platform: true } }),

    updateSecondFactorRequired: (id: string, secondFactorRequired: boolean) =>
      db.organisation.update({ where: { id }, data: { secondFactorRequired } }),

    /** Is there any at all? */
    exists: async () => (await db.organisation.findFirst({ select: { id: true } })) !== null,

    /** Of several instances that make an organisation as they start, one does while the others wait. */
    lock: () => db.$executeRaw`LOCK TABLE organisation IN SHARE ROW EXCLUSIVE MODE`,

    updateRegistration: (id: string, registration: string, registrationDomains: readonly string[]) =>
      db.organisation.update({
        where: { id },
        data: { registration, registrationDomains: [...registrationDomains] },
      }),

    updateSignOnReturns: (id: string, signOnReturns: readonly string[]) =>
      db.organisation.update({ where: { id }, data: { signOnReturns: [...signOnReturns] } }),

    updateSettings: (id: string, settings: Partial<OrganisationSettings>) =>
      db.organisation.update({ where: { id }, data: { ...settings, revision: { increment: 1 } } }),

    updatePlan: (id: string, { people, apiClients, lrsKeys }: PlanLimits) =>
      db.organisation.update({
        where: { id },
        data: { planPeople: people, planApiClients: apiClients, planLrsKeys: lrsKeys },
      }),

    /** Either way the sessions that there are have ended. By the clock that says when they began: the database's. */
    updateSuspended: async (id: string, suspended: boolean): Promise<Organisation> => {
      await db.$executeRaw`
        UPDATE organisation
        SET suspended_at = CASE WHEN ${suspended} THEN now() END, sessions_from = now(), revision = revision + 1
        WHERE id = ${id}`;
      return db.organisation.findUniqueOrThrow({ where: { id } });
    },

    insert: (organisation: NewOrganisation) => db.organisation.create({ data: organisation }),

    /** Undefined where another has the slug. */
    insertOptional: async (organisation: NewOrganisation): Promise<Organisation | undefined> => {
      const [inserted] = await db.organisation.createManyAndReturn({
        data: [organisation],
        skipDuplicates: true,
      });
      return inserted;
    },
  };
}

const keys = {
  NAME: { column: Prisma.sql`name_key`, type: Prisma.sql`text` },
  CREATED_AT: { column: Prisma.sql`created_at`, type: Prisma.sql`timestamptz` },
};

function matching({ search, suspended }: OrganisationSelection): Prisma.Sql[] {
  const conditions = [Prisma.sql`true`];
  if (suspended !== undefined)
    conditions.push(suspended ? Prisma.sql`suspended_at IS NOT NULL` : Prisma.sql`suspended_at IS NULL`);
  if (search !== undefined) {
    // As people are found (people-pages.ts): LIKE's wildcards are escaped after the key is made.
    const pattern = Prisma.sql`'%' || regexp_replace(look_up_key(${search}), '([\\\\%_])', '\\\\\\1', 'g') || '%'`;
    conditions.push(Prisma.sql`(name_key LIKE ${pattern} OR slug LIKE ${pattern})`);
  }
  return conditions;
}

function placesOf({ field, direction }: OrganisationOrder, { after, before }: Page): Prisma.Sql[] {
  const { column, type } = keys[field];
  const beyond = (place: Page['after'], forward: boolean) => {
    const side = forward === (direction === 'DESC') ? Prisma.sql`<` : Prisma.sql`>`;
    return place === undefined
      ? []
      : [Prisma.sql`(${column}, id) ${side} (${place[1]}::${type}, ${String(place[2])})`];
  };
  return [...beyond(after, true), ...beyond(before, false)];
}
