import type { Connection } from './store.ts';

/** A person as one row of a file says, checked. */
export interface BatchPerson {
  readonly userId: string;
  readonly email: string;
  readonly externalId: string | null;
  readonly name: string;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly locale: string | null;
  readonly roles: readonly string[];
}

/** Who is meant by an address and an external id. */
export interface BatchMatch {
  /** The account with the address, whichever organisations it belongs to. */
  readonly accountId: string | null;
  /** The member with the external id. */
  readonly externalUserId: string | null;
}

// Many people by one statement each: values go as an array a column, whatever the number of rows.

export function peopleBatches(db: Connection) {
  return {
    /** In the order in which they were asked for. */
    selectMatches: (
      organisationId: string,
      rows: readonly { email: string; externalId: string | null }[],
    ): Promise<BatchMatch[]> =>
      db.$queryRaw<BatchMatch[]>`
        SELECT account.id AS "accountId", known.user_id AS "externalUserId"
        FROM unnest(${rows.map(({ email }) => email)}::text[], ${rows.map(({ externalId }) => externalId)}::text[])
          WITH ORDINALITY AS given (email, external_id, place)
          LEFT JOIN "user" account ON account.email = given.email
          LEFT JOIN membership known
            ON known.organisation_id = ${organisationId} AND known.external_id = given.external_id
        ORDER BY place`,

    /** Accounts for those of the addresses that have none. Answers their ids. */
    insertAccounts: async (accounts: readonly { id: string; email: string }[]): Promise<Set<string>> => {
      const rows = await db.$queryRaw<{ id: string }[]>`
        INSERT INTO "user" (id, email, email_verified)
        SELECT id, email, true
        FROM unnest(${accounts.map(({ id }) => id)}::text[], ${accounts.map(({ email }) => email)}::text[]) AS given (id, email)
        ON CONFLICT (email) DO NOTHING
        RETURNING id`;
      return new Set(rows.map(({ id }) => id));
    },

    /** Answers the revision that each has. @throws a unique violation where somebody else took one of them in meanwhile */
    insertMemberships: (organisationId: string, people: readonly BatchPerson[]) =>
      db.$queryRaw<{ userId: string; revision: number }[]>`
        INSERT INTO membership
          (organisation_id, user_id, email, external_id, name, given_name, family_name, locale, roles)
        SELECT ${organisationId}, user_id, email, external_id, name, given_name, family_name, locale,
          string_to_array(roles, ';')
        FROM unnest(
          ${people.map(({ userId }) => userId)}::text[], ${people.map(({ email }) => email)}::text[],
          ${people.map(({ externalId }) => externalId)}::text[], ${people.map(({ name }) => name)}::text[],
          ${people.map(({ givenName }) => givenName)}::text[], ${people.map(({ familyName }) => familyName)}::text[],
          ${people.map(({ locale }) => locale)}::text[], ${people.map(({ roles }) => roles.join(';'))}::text[]
        ) AS given (user_id, email, external_id, name, given_name, family_name, locale, roles)
        RETURNING user_id AS "userId", revision`,

    /** Answers the revision that each has now: one more where the roles are others. */
    updateMemberships: (organisationId: string, people: readonly BatchPerson[]) =>
      db.$queryRaw<{ userId: string; revision: number }[]>`
        UPDATE membership SET
          external_id = given.external_id, name = given.name, given_name = given.given_name,
          family_name = given.family_name, locale = given.locale, roles = string_to_array(given.roles, ';'),
          revision = revision + (membership.roles <> string_to_array(given.roles, ';'))::int
        FROM unnest(
          ${people.map(({ userId }) => userId)}::text[], ${people.map(({ externalId }) => externalId)}::text[],
          ${people.map(({ name }) => name)}::text[], ${people.map(({ givenName }) => givenName)}::text[],
          ${people.map(({ familyName }) => familyName)}::text[], ${people.map(({ locale }) => locale)}::text[],
          ${people.map(({ roles }) => roles.join(';'))}::text[]
        ) AS given (user_id, external_id, name, given_name, family_name, locale, roles)
        WHERE membership.organisation_id = ${organisationId} AND membership.user_id = given.user_id
        RETURNING membership.user_id AS "userId", membership.revision`,
  };
}
