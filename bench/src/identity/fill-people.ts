import type { Client } from 'pg';

const givenNames =
  'Anna Jonas Émile Zoë Łukasz Maria Peter Li Ana Omar Nadia Ivan Sofia Noah Mia Paul Lea Tim Eva Max'.split(
    ' ',
  );
const familyNames =
  'Müller Schmidt García Nguyen Kowalski Smith Dubois Rossi Silva Haddad Novák Jansen Okafor Sato Kim Berg'.split(
    ' ',
  );

export interface Fill {
  readonly people: number;
  /** Of the addresses: `<prefix><number>@bench.example`. */
  readonly prefix: string;
}

/**
 * People of the one organisation, each with the password of its administrator: by two statements and with the indexes
 * built afterwards, as a database is restored, for a million rows would take long otherwise. Every hundredth is an
 * instructor.
 */
export async function fillPeople(database: Client, { people, prefix }: Fill): Promise<void> {
  // The rows are right: they need no look at the foreign key each.
  await database.query(`SET session_replication_role = replica`);
  await database.query(
    `INSERT INTO "user" (id, email, email_verified)
     SELECT ${id}, $1 || number || '@bench.example', true FROM generate_series(1, $2::int) AS number`,
    [prefix, people],
  );
  await withoutIndexes(database, () =>
    database.query(
      `INSERT INTO membership (organisation_id, user_id, email, name, password_hash, roles, created_at)
       SELECT admin.organisation_id, ${id}, $1 || number || '@bench.example',
         ($3::text[])[1 + number % cardinality($3::text[])] || ' ' ||
           ($4::text[])[1 + number / 7 % cardinality($4::text[])] || ' ' || number % 1000,
         admin.password_hash, CASE WHEN number % 100 = 0 THEN '{INSTRUCTOR}' ELSE '{LEARNER}' END::text[],
         now() - number * interval '1 minute'
       FROM generate_series(1, $2::int) AS number, (SELECT * FROM membership LIMIT 1) AS admin`,
      [prefix, people, givenNames, familyNames],
    ),
  );
  await database.query(`SET session_replication_role = origin`);
  await database.query('VACUUM ANALYZE "user"');
  await database.query('VACUUM ANALYZE membership');
}

/** In the form of a TypeID; hexadecimal digits are digits of its alphabet. */
const id = `'user_01kb' || lpad(to_hex(number), 22, '0')`;

/** Those of memberships, but for the primary key. */
async function withoutIndexes(database: Client, work: () => Promise<unknown>): Promise<void> {
  const { rows } = await database.query<{ name: string; definition: string }>(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
     WHERE tablename = 'membership' AND indexname <> 'membership_pkey'`,
  );
  for (const { name } of rows) await database.query(`DROP INDEX "${name}"`);
  await work();
  await database.query(`SET maintenance_work_mem = '256MB'`);
  for (const { definition } of rows) await database.query(definition);
}
