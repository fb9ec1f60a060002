import type { Member } from './memberships.ts';
import type { Connection } from './store.ts';

/** What is shown in the place of a name. */
export const erasedName = 'Erased person';

/** Nobody else is without an address. */
export const isErased = (member: Member | null): boolean => member?.email === '';

export function erasedPersonStore(db: Connection) {
  return {
    /** Those of `userIds` who were erased, as members of whom nothing is known. */
    selectMany: async (organisationId: string, userIds: readonly string[]): Promise<Member[]> => {
      const rows = await db.erasedPerson.findMany({
        where: { organisationId, userId: { in: [...userIds] } },
      });
      return rows.map(({ userId, revision, createdAt }) => ({
        id: userId,
        organisationId,
        name: erasedName,
        email: '',
        externalId: null,
        givenName: null,
        familyName: null,
        pronouns: null,
        avatarUrl: null,
        locale: null,
        timeZone: null,
        bio: null,
        roles: [],
        revision,
        createdAt,
      }));
    },

    /** Somebody whose account lives on may be taken in anew, and erased anew. */
    upsert: (person: { organisationId: string; userId: string; revision: number; createdAt: Date }) => {
      const { organisationId, userId, revision } = person;
      return db.erasedPerson.upsert({
        where: { organisationId_userId: { organisationId, userId } },
        create: person,
        update: { revision, erasedAt: new Date() },
      });
    },
  };
}
