import type { Organisation } from './generated/client.ts';
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

export function organisationStore(db: Connection) {
  return {
    selectMany: (ids: readonly string[]) => db.organisation.findMany({ where: { id: { in: [...ids] } } }),

    selectOptionalBySlug: (slug: string) => db.organisation.findUnique({ where: { slug } }),

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

    insert: (organisation: NewOrganisation) => db.organisation.create({ data: organisation }),
  };
}
